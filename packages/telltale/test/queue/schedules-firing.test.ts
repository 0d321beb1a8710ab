import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTcpProxy, testRedis } from "@telltale/testkit";
import { defineJob, defineJobs } from "telltale";
import { createTelltale } from "telltale/server";
import { expect, test as plain } from "vitest";
import { z } from "zod";
import { ScheduleFiring } from "../../src/queue/schedules/schedule-firing.js";
import { fireSchedule } from "../../src/queue/scripts/schedules/fire-schedule.js";
import { archive, claimOne, type Harness, harness, jobs, OUTPUT, resize, test } from "./harness.js";
import { DAY, firing, HOUR, MINUTE, nightly, SECOND, START } from "./schedule-harness.js";

const everySecond = { job: resize, input: { width: 1 }, every: "1s" } as const;
const everyTen = { job: resize, input: { width: 1 }, every: "10m" } as const;

/** The instants of all jobs, read from their idempotency keys. */
async function fired({ redis, prefix }: Harness, queue = "resize"): Promise<string[]> {
  const base = `${prefix}:{${queue}}:idem:@`;
  const scopes = (await redis.keys(`${base}*`)).map((key) => key.slice(base.length)).sort();
  return scopes.map((scope) => scope.replace(/\d+$/, (at) => new Date(Number(at)).toISOString().slice(11, 19)));
}

async function count({ redis, prefix }: Harness, queue = "resize"): Promise<number> {
  return Number((await redis.hget(`${prefix}:{${queue}}:meta`, "queued")) ?? 0);
}

test("each instant creates one job, however many workers check at the same time", async ({ h, server }) => {
  const engines = [h, ...(await Promise.all([1, 2, 3].map(() => harness(server.url, { prefix: h.prefix }))))];
  for (const name of ["a", "b", "c"]) await h.telltale.$schedules.set(name, everySecond);
  // Each engine has its own clock. All of them advance together.
  const firings = engines.map((engine) => firing(engine));
  for (let round = 0; round < 20; round++) {
    for (const { clock } of engines) clock.advance(SECOND);
    await Promise.all(firings.flatMap(({ fireDue }) => [fireDue(), fireDue()]));
  }
  await Promise.all(engines.slice(1).map((engine) => engine[Symbol.asyncDispose]()));

  expect(await fired(h)).toHaveLength(3 * 20);
  expect(await count(h)).toBe(3 * 20);
});

test("a repeated or late fire does not fire an instant again", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(3 * HOUR);
  const { due } = await h.scripts.dueSchedules([]);
  const [passing] = await seen(h, due);
  await firing(h).fireDue();

  expect(await h.scripts.fireSchedule(passing)).toBe("passed");
  expect(await h.scripts.fireSchedule({ ...passing, fired: null })).toBe("passed");

  expect(await count(h)).toBe(1);
  expect(await h.telltale.$schedules.list()).toMatchObject([{ next: new Date(START + 27 * HOUR) }]);
});

test("a fire whose reply is lost creates one job", async ({ server }) => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  await using h = await harness(proxy.url);
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(3 * HOUR);
  // The script is loaded on the server, so it is called by its digest, which the proxy looks for.
  await h.redis.script("LOAD", fireSchedule.source);
  const dropped = proxy.dropReplyOnce({ containing: fireSchedule.sha });

  expect(await firing(h).fireDue()).toBe(DAY);
  await dropped;

  expect(await count(h)).toBe(1);
});

test("a fire does nothing if its schedule was replaced or removed in the meantime", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(3 * HOUR);
  const [passing] = await seen(h, (await h.scripts.dueSchedules([])).due);

  await h.telltale.$schedules.set("n", { ...nightly, input: { width: 2 } });
  expect(await h.scripts.fireSchedule(passing)).toBe("replaced");
  await h.telltale.$schedules.remove("n");
  expect(await h.scripts.fireSchedule(passing)).toBe("replaced");
  // The same definition, now at its next instant.
  await h.telltale.$schedules.set("n", nightly);
  expect(await h.scripts.fireSchedule(passing)).toBe("passed");

  expect(await count(h)).toBe(0);
  expect(await h.telltale.$schedules.list()).toMatchObject([{ next: new Date(START + 27 * HOUR) }]);
});

test("of the instants that were missed while no worker ran, only the last one creates a job", async ({ h }) => {
  await h.telltale.$schedules.set("n", everyTen);
  h.clock.advance(HOUR + 3 * MINUTE);

  expect(await firing(h).fireDue()).toBe(7 * MINUTE);

  expect(await fired(h)).toEqual(["n:01:00:00"]);
});

test("with catchUp none, missed instants create no job", async ({ h }) => {
  await h.telltale.$schedules.set("n", { ...everyTen, catchUp: "none" });
  h.clock.advance(HOUR + 10 * SECOND + 1);

  expect(await firing(h).fireDue()).toBe(10 * MINUTE - 10 * SECOND - 1);
  expect(await fired(h)).toEqual([]);
  expect(await count(h)).toBe(0);

  h.clock.advance(10 * MINUTE - 1);
  await firing(h).fireDue();
  expect(await fired(h)).toEqual(["n:01:10:00"]);
  expect(await count(h)).toBe(1);
});

test("with catchUp none, a delay of ten seconds does not count as missed", async ({ h }) => {
  await h.telltale.$schedules.set("n", { ...everyTen, catchUp: "none" });
  h.clock.advance(10 * MINUTE + 10 * SECOND);

  await firing(h).fireDue();

  expect(await fired(h)).toEqual(["n:00:10:00"]);
});

test.for([
  [{ every: "1s" }, "00:00:00"],
  [{ cron: "* * * * *" }, "00:00:00"],
  [{ cron: "30 2 * * *", timeZone: "Europe/Berlin" }, "01:30:00"],
] as const)("after a year without workers, %j creates one job at once", async ([timing, at], { h }) => {
  await h.telltale.$schedules.set("n", { job: resize, input: { width: 1 }, ...timing });
  const before = await calls(h);
  h.clock.advance(365 * DAY);

  await firing(h).fireDue();

  expect(await fired(h)).toEqual([`n:${at}`]);
  expect((await calls(h)) - before).toBe(2);
});

test("when clocks go back, a daily schedule fires once and an hourly one every hour", async ({ h }) => {
  h.clock.advance(Date.UTC(2026, 9, 24, 20) - START);
  const timing = { job: resize, input: { width: 1 }, timeZone: "Europe/Berlin" };
  await h.telltale.$schedules.set("twice", { ...timing, cron: "30 2 * * *" });
  await h.telltale.$schedules.set("hourly", { ...timing, cron: "0 * * * *" });
  const { fireDue } = firing(h);
  for (let minutes = 0; minutes < 8 * 60; minutes += 10) {
    h.clock.advance(10 * MINUTE);
    await fireDue();
  }

  const times = await fired(h);

  expect(times.filter((one) => one.startsWith("twice"))).toEqual(["twice:00:30:00"]);
  expect(times.filter((one) => one.startsWith("hourly"))).toHaveLength(8);
});

test("more than a hundred due schedules are all fired in one go", async ({ h }) => {
  await Promise.all(Array.from({ length: 250 }, (_, i) => h.telltale.$schedules.set(`n${i}`, nightly)));
  h.clock.advance(3 * HOUR);

  await firing(h).fireDue();

  expect(await count(h)).toBe(250);
});

test("when the clock goes back, no instant fires twice, and instants computed from the later time are not waited for", async ({
  h,
}) => {
  await h.telltale.$schedules.set("n", everyTen);
  const worker = firing(h);
  for (let i = 0; i < 3; i++) {
    h.clock.advance(10 * MINUTE);
    await worker.fireDue();
  }
  expect(await fired(h)).toEqual(["n:00:10:00", "n:00:20:00", "n:00:30:00"]);

  h.clock.advance(-50 * SECOND);
  await worker.fireDue();
  h.clock.advance(-15 * MINUTE - 10 * SECOND);
  await worker.fireDue();
  expect(await h.telltale.$schedules.list()).toMatchObject([{ next: new Date(START + 20 * MINUTE) }]);
  h.clock.advance(6 * MINUTE);
  await worker.fireDue();
  expect(await count(h)).toBe(3);
  h.clock.advance(20 * MINUTE);
  await worker.fireDue();

  expect(await fired(h)).toEqual(["n:00:10:00", "n:00:20:00", "n:00:30:00", "n:00:40:00"]);
  expect(await count(h)).toBe(4);
});

test("a clock that was a year ahead does not stop a schedule for a year", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  const worker = firing(h);
  h.clock.advance(365 * DAY);
  await worker.fireDue();
  h.clock.advance(-365 * DAY);

  await worker.fireDue();
  h.clock.advance(3 * HOUR);
  await worker.fireDue();

  expect(await count(h)).toBe(2);
});

test("setting a schedule again also replaces an instant that was computed too far ahead", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(365 * DAY);
  await firing(h).fireDue();
  h.clock.advance(-365 * DAY);

  expect(await h.telltale.$schedules.set("n", nightly)).toEqual({ next: new Date(START + 3 * HOUR) });
});

test("a schedule that was removed and set again does not fire an instant twice", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(3 * HOUR);
  await firing(h).fireDue();
  const job = await claimOne(h.scripts);
  await h.scripts.complete({ ...job, output: OUTPUT, pending: null });

  h.clock.advance(-HOUR);
  await h.telltale.$schedules.remove("n");
  await h.telltale.$schedules.set("n", { ...nightly, input: { width: 2 } });
  h.clock.advance(HOUR);
  await firing(h).fireDue();

  expect(await count(h)).toBe(0);
  expect(await h.telltale.$schedules.list()).toMatchObject([{ next: new Date(START + 27 * HOUR) }]);
});

// The contracts of a later deployment than the one that set the schedule.
const narrower = defineJob("resize", { input: z.object({ width: z.int().max(0) }), output: z.unknown() });
const elsewhere = defineJob("resize", { input: resize.input, output: resize.output, queue: "pictures" });
const sharing = defineJob("other", { input: z.null(), output: z.null(), queue: "resize" });

test.for([
  ["whose input no longer matches its contract", defineJobs(narrower, archive)],
  ["whose kind was removed", defineJobs(sharing, archive)],
  ["whose kind moved to another queue", defineJobs(elsewhere, sharing)],
] as const)(
  "a schedule %s stays due, is reported once, and does not block others",
  async ([, deployed], { h, server }) => {
    for (let i = 0; i < 120; i++) await h.telltale.$schedules.set(`bad${i}`, nightly);
    await using telltale = createTelltale({
      jobs: deployed,
      redis: server.url,
      prefix: h.prefix,
      clock: () => h.clock.now(),
    });
    h.clock.advance(3 * HOUR + 1);
    await using good = await harness(server.url, { prefix: h.prefix });
    const worker = firing({ telltale } as never);

    for (let looks = 0; looks < 4; looks++) {
      expect(await worker.fireDue()).toBeNull();
      h.clock.advance(MINUTE);
    }
    expect(worker.logged).toHaveLength(120);
    expect(worker.logged[0]).toMatchObject(["error", { queue: "resize" }, expect.stringContaining("cannot be fired")]);
    expect(await count(h)).toBe(0);

    // A worker with the right contract fires them.
    good.clock.advance(3 * HOUR + 1);
    await firing(good).fireDue();
    expect(await count(h)).toBe(120);
  },
);

test("schedules that cannot be fired do not hide others behind them", async ({ h }) => {
  for (let i = 0; i < 120; i++) {
    await h.telltale.$schedules.set(`bad${i}`, nightly);
    await damage(h, `bad${i}`);
  }
  await h.telltale.$schedules.set("good", { ...nightly, cron: "1 3 * * *" });
  h.clock.advance(3 * HOUR + MINUTE);
  const worker = firing(h);

  await worker.fireDue();
  h.clock.advance(DAY);
  await worker.fireDue();

  expect(await fired(h)).toEqual(["good:03:01:00", "good:03:01:00"]);
  expect(worker.logged).toHaveLength(120);
  expect(JSON.stringify(worker.logged)).not.toContain("s3cret");
});

test("a schedule that was repaired is fired within a minute by the worker that refused it", async ({ h }) => {
  await h.telltale.$schedules.set("n", nightly);
  await damage(h, "n");
  h.clock.advance(3 * HOUR);
  const worker = firing(h);
  await worker.fireDue();

  await h.telltale.$schedules.set("n", { ...nightly, input: { width: 2 } });
  h.clock.advance(MINUTE);
  await worker.fireDue();
  await worker.fireDue();

  expect(await count(h)).toBe(1);
  expect(worker.logged).toHaveLength(1);
});

test("a full Redis gets no jobs of schedules, and the missed instant is made up for when there is room", async ({
  h,
}) => {
  await h.telltale.$schedules.set("n", nightly);
  h.clock.advance(3 * HOUR);
  await h.redis.config("SET", "maxmemory", "1");
  try {
    await expect(firing(h).fireDue()).rejects.toMatchObject({ code: "redis_full" });
    await expect(h.telltale.$schedules.set("m", nightly)).rejects.toMatchObject({ code: "redis_full" });
  } finally {
    await h.redis.config("SET", "maxmemory", "0");
  }

  h.clock.advance(HOUR);
  await firing(h).fireDue();

  expect(await fired(h)).toEqual(["n:03:00:00"]);
});

test("a schedule becomes due by the clock of Redis, not by that of the worker's machine", async ({ h, server }) => {
  await using telltale = createTelltale({ jobs, redis: server.url, prefix: `${h.prefix}real` });
  const { next } = await telltale.$schedules.set("n", { job: resize, input: { width: 1 }, every: "365d" });
  const [seconds] = await h.redis.time();
  const inMs = await new ScheduleFiring(telltale.$engine, "resize", telltale.$engine).fireDue();

  expect(Math.abs(next.getTime() - Number(seconds) * 1_000 - (inMs ?? 0))).toBeLessThan(60_000);
  expect(next.getTime() % (365 * DAY)).toBe(0);
});

plain("after Redis crashed and came back with its log, schedules stand where they stood", async () => {
  const dir = await mkdtemp(join(tmpdir(), "telltale-"));
  try {
    const options = { dir, appendOnly: true, config: { appendfsync: "always" } };
    const before = await testRedis(options);
    await using h = await harness(before.url);
    await h.telltale.$schedules.set("n", nightly);
    h.clock.advance(3 * HOUR);
    await firing(h).fireDue();

    await before.kill();
    await using after = await testRedis(options);
    await using again = await harness(after.url, { prefix: h.prefix });
    again.clock.advance(3 * HOUR);
    await firing(again).fireDue();
    expect(await count(again)).toBe(1);
    again.clock.advance(DAY);
    await firing(again).fireDue();

    expect(await count(again)).toBe(2);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

/** The call that a worker would send after it read these due schedules. */
async function seen({ telltale }: Harness, due: readonly { name: string; instantMs: number; definition: string }[]) {
  const job = await telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
  const [passing] = due.map(({ name, instantMs, definition }) => ({
    name,
    revision: definition.split("\n")[1] ?? "",
    fromMs: instantMs,
    toMs: instantMs + DAY,
    fired: { atMs: instantMs, job },
  }));
  if (!passing) throw new Error("nothing is due");
  return [passing] as const;
}

/** Damages a schedule, as a manual change or another version might. */
async function damage({ redis, prefix }: Harness, name: string): Promise<void> {
  const key = `${prefix}:{resize}:schedules`;
  const [timing, revision] = String(await redis.hget(key, name)).split("\n");
  await redis.hset(key, name, `${timing}\n${revision}\ns3cret`);
}

/** The number of scripts that were run. */
async function calls({ redis }: Harness): Promise<number> {
  const stats = await redis.info("commandstats");
  const of = (name: string): number => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  return of("evalsha");
}
