import { randomBytes } from "node:crypto";
import { createClock, type TestClock } from "@telltale/testkit";
import { Redis } from "ioredis";
import { defineJob, defineJobs, defineQueue, type Jobs, type Observer } from "telltale";
import { createTelltale, type Telltale } from "telltale/server";
import { describe, expect, onTestFinished } from "vitest";
import { z } from "zod";
import { silentLogger } from "../../src/core/internal.js";
import { ScheduleFiring } from "../../src/queue/schedules/schedule-firing.js";
import { type Logged, memoryLogger } from "../worker/harness.js";
import { test as base, claimAll, claimOne, LEASE_MS, OUTPUT } from "./harness.js";

const contract = { input: z.object({ n: z.int() }), chunk: z.string(), output: z.unknown() };
const other = defineJob("other", { ...contract, queue: "old" });
/** One kind in three versions of an application. */
const before = defineJob("mail", { ...contract, queue: "old" });
const moved = defineJob("mail", { ...contract, queue: "new" });
const declared = defineJob("mail", { ...contract, queue: "new", formerQueues: ["old"] });

interface App {
  readonly clock: TestClock;
  readonly logged: Logged[];
  /** Starts a process with these contracts. */
  start<T extends Jobs>(jobs: T, observer?: Observer): Promise<Telltale<T>>;
}

const test = base.extend<{ app: App }>({
  app: async ({ server }, use) => {
    const clock = createClock();
    const prefix = `t${randomBytes(4).toString("hex")}`;
    const started: AsyncDisposable[] = [];
    const logged: Logged[] = [];
    await use({
      clock,
      logged,
      async start(jobs, observer) {
        const logger = memoryLogger(logged);
        const redis = server.url;
        const telltale = createTelltale({ jobs, redis, prefix, clock: () => clock.now(), logger, observer });
        started.push(telltale);
        await telltale.$ready();
        return telltale;
      },
    });
    for (const one of started) await one[Symbol.asyncDispose]();
  },
});

describe.each([
  ["with formerQueues", defineJobs(declared)],
  ["whose contract does not name the old queue", defineJobs(moved)],
  ["while another kind stays in the old queue", defineJobs(moved, other)],
] as const)("a job of a kind that moved, %s,", (_, jobs) => {
  test("can be found, watched and read by its id", async ({ app }) => {
    const old = await app.start(defineJobs(before, other));
    const { id } = await old.mail.submit({ n: 1 }, { owner: "ann" });
    const now = await app.start(jobs);
    const job = now.mail.job(id);

    expect(await job.get()).toMatchObject({ id, status: "queued" });
    expect(await now.$engine.find.read(id)).toMatchObject({ owner: "ann" });
    const watch = job.watch();
    expect((await watch.next()).value).toMatchObject({ id, status: "queued" });
    const chunks = job.chunks();
    const chunk = chunks.next();
    const scripts = old.$engine.scripts("old");
    const lease = await claimOne(scripts);
    await scripts.chunk({ ...lease, first: 1, pieces: ['{"json":"piece"}'] });
    expect((await chunk).value).toMatchObject({ id, data: "piece" });
    await scripts.complete({ ...lease, output: OUTPUT, pending: null });
    expect(await job.result()).toMatchObject({ ok: true });
    for await (const event of watch) if (event.status === "completed") break;
  });

  test("can be cancelled, rerun, run early and removed by its id", async ({ app }) => {
    const old = await app.start(defineJobs(before, other));
    const { id } = await old.mail.submit({ n: 1 }, { delay: "1h" });
    const now = await app.start(jobs);
    const job = now.mail.job(id);

    await now.$engine.runNow(id);
    expect(await job.get()).toMatchObject({ status: "queued" });
    expect(await job.cancel()).toBe("cancelled");
    await now.$engine.rerun(id);
    expect(await job.get()).toMatchObject({ status: "queued" });
    await job.cancel();
    await now.$engine.remove(id);

    await expect(job.get()).rejects.toMatchObject({ code: "not_found" });
    expect(await old.$engine.find.read(id)).toBeNull();
    await now.$engine.remove(id);
  });

  test("is not found if it does not exist", async ({ app }) => {
    await app.start(defineJobs(before, other));
    const now = await app.start(jobs);
    const id = `mail_${"0".repeat(32)}`;

    for (const call of [
      () => now.mail.job(id).get(),
      () => now.mail.job(id).cancel(),
      () => now.$engine.rerun(id),
      () => now.$engine.runNow(id),
      () => now.mail.job(id).watch().next(),
      () => now.mail.job(id).chunks().next(),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "not_found" });
    }
  });
});

test("an older process finds jobs in a queue to which a newer one moved their kind", async ({ app }) => {
  const old = await app.start(defineJobs(before));
  const now = await app.start(defineJobs(declared));
  const { id } = await now.mail.submit({ n: 1 });

  expect(await old.mail.job(id).get()).toMatchObject({ status: "queued" });
  expect(await old.mail.job(id).cancel()).toBe("cancelled");
});

describe("formerQueues", () => {
  test("an idempotency key finds its job there, even after the job has finished and was removed", async ({ app }) => {
    const old = await app.start(defineJobs(before));
    const key = { idempotencyKey: "k", owner: "ann" };
    const { id } = await old.mail.submit({ n: 1 }, key);
    const now = await app.start(defineJobs(declared));

    expect((await now.mail.submit({ n: 1 }, key)).id).toBe(id);
    await expect(now.mail.submit({ n: 2 }, key)).rejects.toMatchObject({ code: "idempotency_conflict", data: { id } });
    const many = await now.mail.submitMany([{ input: { n: 1 }, options: key }]);
    expect(many).toMatchObject([{ ok: true, job: { id } }]);
    const scripts = old.$engine.scripts("old");
    await scripts.complete({ ...(await claimOne(scripts)), output: OUTPUT, pending: null });
    await old.$engine.remove(id);
    expect((await now.mail.submit({ n: 1 }, key)).id).toBe(id);
    expect((await now.mail.submit({ n: 1 }, { ...key, owner: "bob" })).id).not.toBe(id);
    expect((await now.mail.submit({ n: 1 })).id).not.toBe(id);
  });

  test("a unique key is held there until its job has ended", async ({ app }) => {
    const old = await app.start(defineJobs(before));
    const job = await old.mail.submit({ n: 1 }, { uniqueKey: "u" });
    const now = await app.start(defineJobs(declared));
    const again = () => now.mail.submit({ n: 2 }, { uniqueKey: "u" });

    await expect(again()).rejects.toMatchObject({ code: "unique_conflict", data: { id: job.id } });
    await job.cancel();
    const next = await again();

    expect(next.id).not.toBe(job.id);
    await expect(now.$engine.rerun(job.id)).rejects.toMatchObject({ code: "unique_conflict", data: { id: next.id } });
  });

  test("a prepared job that was submitted before the move is not created again", async ({ app }) => {
    const old = await app.start(defineJobs(before));
    const prepared = await old.mail.prepare({ n: 1 });
    const { id } = await old.submitPrepared(prepared);
    const now = await app.start(defineJobs(declared));

    expect((await now.submitPrepared(prepared)).id).toBe(id);
    expect((await now.$queues.list()).map(({ queue, jobs }) => [queue, jobs.queued])).toEqual([
      ["new", 0],
      ["old", 1],
    ]);
  });

  test("lists by kind and lists of all jobs include their jobs", async ({ app }) => {
    const old = await app.start(defineJobs(before));
    const { id } = await old.mail.submit({ n: 1 });
    app.clock.advance(1);
    const now = await app.start(defineJobs(declared));
    const next = await now.mail.submit({ n: 2 });

    expect((await now.mail.list().page()).jobs.map((job) => job.id)).toEqual([next.id, id]);
    const { jobs } = await now.$engine.find.list({ status: "queued" }, { detail: true });
    expect(jobs.map((job) => job.id)).toEqual([next.id, id]);
    const inOld = await now.$engine.find.list({ queue: "old" }, { detail: true });
    expect(inOld.jobs.map((job) => job.id)).toEqual([id]);
  });

  test("a schedule of the kind still fires there, and moves when it is set again", async ({ app }) => {
    const old = await app.start(defineJobs(before));
    await old.$schedules.set("often", { job: before, input: { n: 1 }, every: "1m" });
    const now = await app.start(defineJobs(declared));

    expect(await now.$schedules.list()).toMatchObject([{ name: "often", queue: "old" }]);
    app.clock.advance(60_000);
    await new ScheduleFiring(now.$engine, "old", { logger: silentLogger }).fireDue();
    expect((await now.mail.list().page()).jobs).toMatchObject([{ status: "queued" }]);
    await now.$schedules.set("often", { job: declared, input: { n: 1 }, every: "1m" });
    expect(await now.$schedules.list()).toMatchObject([{ name: "often", queue: "new" }]);
  });

  describe("a process that stops while it moves a schedule that is due", () => {
    const every = { job: declared, input: { n: 1 }, every: "1m" } as const;
    const fire = (now: Pick<Telltale<Jobs>, "$engine">, queue: string) =>
      new ScheduleFiring(now.$engine, queue, { logger: silentLogger }).fireDue();
    /** Sets the schedule in a process whose connection ends with the reply to one script call in one queue. */
    const stopAfter = async (app: App, script: string, queue: string): Promise<void> => {
      const old = await app.start(defineJobs(before));
      await old.$schedules.set("often", { ...every, job: before });
      app.clock.advance(60_000);
      const stops = await app.start(defineJobs(declared), (event) => {
        if (event.type === "script.called" && event.script === script && event.queue === queue) stops.$engine.close();
      });
      await stops.$schedules.set("often", every).catch(() => {});
      expect(stops.$engine.isOpen).toBe(false);
    };

    test("loses neither the schedule nor the time", async ({ app }) => {
      await stopAfter(app, "remove-schedule", "old");
      const now = await app.start(defineJobs(declared));

      await now.$schedules.set("often", every);
      await fire(now, "new");

      expect((await now.mail.list().page()).jobs).toHaveLength(1);
      expect(await now.$schedules.list()).toMatchObject([{ name: "often", queue: "new" }]);
    });

    test.for([
      ["the old queue first", ["old", "new"]],
      ["the new queue first", ["new", "old"]],
    ] as const)("leaves workers that fire each time once, in %s", async ([, queues], { app }) => {
      await stopAfter(app, "set-schedule", "new");
      const now = await app.start(defineJobs(declared));

      for (const times of [1, 2, 3]) {
        for (const queue of queues) await fire(now, queue);
        expect((await now.mail.list().page()).jobs).toHaveLength(times);
        app.clock.advance(60_000);
      }
      expect(await now.$schedules.list()).toMatchObject([{ name: "often", queue: "new" }]);
    });

    test("leaves a time that the old queue fired remembered when the schedule is set again", async ({ app }) => {
      await stopAfter(app, "set-schedule", "new");
      const now = await app.start(defineJobs(declared));

      await fire(now, "old");
      await now.$schedules.set("often", every);
      await now.$schedules.set("often", every);
      await fire(now, "new");

      expect((await now.mail.list().page()).jobs).toHaveLength(1);
    });

    test("does not remove a schedule that was moved back in the meantime", async ({ app }) => {
      await stopAfter(app, "set-schedule", "new");
      const now = await app.start(defineJobs(declared));
      const old = await app.start(defineJobs(before));

      await old.$schedules.set("often", { ...every, job: before, input: { n: 2 } });
      await fire(now, "new");

      expect(await now.$schedules.list()).toMatchObject([{ queue: "new" }, { queue: "old", input: { n: 2 } }]);
    });
  });

  test("the limits of a former queue and of its kinds still apply", async ({ app }) => {
    const limits = { concurrency: { key: () => "one", max: 1 } };
    const queue = defineQueue("old", { concurrency: 3 });
    const free = defineJob("other", { ...contract, queue });
    const busy = defineJob("mail", { ...contract, queue, limits });
    const old = await app.start(defineJobs(busy, free));
    for (let n = 0; n < 5; n++) {
      await old.mail.submit({ n });
      await old.other.submit({ n });
    }
    const kinds = { mail: { limits }, other: {} };
    const now = await app.start(
      defineJobs(
        defineJob("mail", { ...contract, ...kinds.mail, queue: "new", formerQueues: [queue] }),
        defineJob("other", { ...contract, ...kinds.other, queue: "new", formerQueues: ["old"] }),
      ),
    );
    const scripts = now.$engine.scripts("old");
    const started: string[] = [];
    for (let i = 0; i < 9; i++) started.push(...(await claimAll(scripts, 1)).map(({ kind }) => kind));

    expect(started.filter((kind) => kind === "mail")).toHaveLength(1);
    expect(started).toHaveLength(3);
  });

  test.for([
    [["new"], /formerQueues contains "new", which is its current queue/],
    [["old", "old"], /formerQueues contains a queue twice/],
    [["a b"], /the name must match/],
    [Array.from({ length: 11 }, (_, i) => `q${i}`), /at most 10 queues/],
    ["old", /must be a list of at most 10 queues/],
  ] as const)("%j is refused, and the message says why", ([formerQueues, message]) => {
    const spec = { ...contract, queue: "new", formerQueues: formerQueues as readonly string[] };

    expect(() => defineJob("mail", spec)).toThrow(message);
  });

  test("another limit for a queue that is in use is refused", () => {
    const inUse = defineJob("other", { ...contract, queue: defineQueue("old", { concurrency: 1 }) });
    const former = defineJob("mail", { ...contract, formerQueues: [defineQueue("old", { concurrency: 2 })] });

    expect(() => defineJobs(inUse, former)).toThrow(/Two contracts give the queue "old" different limits/);
  });
});

describe("a queue that no contract names", () => {
  const UNHANDLED = expect.stringMatching(/^a queue has jobs, but no workers and no contract/);

  test("is reported at start and listed among the queues while it has jobs and no workers", async ({ app }) => {
    const old = await app.start(defineJobs(before));
    const job = await old.mail.submit({ n: 1 });
    const now = await app.start(defineJobs(moved));

    expect(app.logged).toContainEqual({
      level: "warn",
      message: UNHANDLED,
      data: { queue: "old", scheduled: 0, queued: 1, running: 0, retrying: 0 },
    });
    expect(await now.$queues.list()).toMatchObject([
      { queue: "new", hasWorkers: false },
      { queue: "old", hasWorkers: false, jobs: { queued: 1 } },
    ]);
    const watch = now.$queues.watch();
    expect((await watch.next()).value).toMatchObject([{ queue: "new" }, { queue: "old" }]);
    await watch.return(undefined);
    const { jobs } = await now.$engine.find.list({ queue: "old" }, { detail: true });
    expect(jobs.map(({ id }) => id)).toEqual([job.id]);
    await job.cancel();
    expect((await now.$queues.list()).map(({ queue }) => queue)).toEqual(["new"]);
  });

  test("is not reported while a worker serves it", async ({ app }) => {
    const old = await app.start(defineJobs(before));
    await old.mail.submit({ n: 1 });
    await old.mail.submit({ n: 2 });
    await claimOne(old.$engine.scripts("old"));
    const now = await app.start(defineJobs(moved));

    expect(app.logged.filter(({ level }) => level === "warn")).toEqual([]);
    expect((await now.$queues.list()).map(({ queue }) => queue)).toEqual(["new"]);
    app.clock.advance(60_000);
    expect(await now.$queues.list()).toMatchObject([{ queue: "new" }, { queue: "old", hasWorkers: false }]);
  });

  test("cannot be paused or resumed by this application", async ({ app }) => {
    const old = await app.start(defineJobs(before));
    await old.mail.submit({ n: 1 });
    const now = await app.start(defineJobs(moved));

    await expect(now.$queues.pause("old")).rejects.toMatchObject({ code: "invalid_input" });
    await expect(now.$queues.resume("old")).rejects.toMatchObject({ code: "invalid_input" });
  });

  test("is not changed if a newer version of Telltale created it", async ({ app, h }) => {
    const old = await app.start(defineJobs(before));
    await old.mail.submit({ n: 1 });
    await h.redis.hset(`${old.$engine.prefix}:{old}:meta`, "layout", 99);

    const now = await app.start(defineJobs(moved));

    expect((await now.$queues.list()).map(({ queue }) => queue)).toEqual(["new"]);
  });
});

test("a queue counts as having workers as long as one of them polls it, even if it is empty or paused", async ({
  h,
}) => {
  const hasWorkers = async () => (await h.scripts.stats()).hasWorkers;

  expect(await hasWorkers()).toBe(false);
  await claimAll(h.scripts);
  expect(await hasWorkers()).toBe(true);
  await h.scripts.pause();
  for (let i = 0; i < 20; i++) {
    h.clock.advance(5_000);
    await claimAll(h.scripts);
    expect(await hasWorkers()).toBe(true);
  }
  h.clock.advance(LEASE_MS);
  expect(await hasWorkers()).toBe(true);
  h.clock.advance(LEASE_MS);
  expect(await hasWorkers()).toBe(false);
});

test("looking for an id that does not exist costs one script call, and no script that writes the names of queues", async ({
  app,
  server,
}) => {
  const old = await app.start(defineJobs(before));
  await old.mail.submit({ n: 1 });
  const now = await app.start(defineJobs(moved, other));
  const redis = new Redis(server.url);
  onTestFinished(() => redis.disconnect());
  const unknown = `mail_${"0".repeat(32)}`;
  await now.$engine.find.read(unknown);
  await redis.config("RESETSTAT");

  await Promise.all(Array.from({ length: 20 }, () => now.$engine.find.read(unknown)));

  const calls = await redis.info("commandstats");
  expect(/cmdstat_eval:calls=(\d+)/.exec(calls)?.[1] ?? "0").toBe("0");
  expect(/cmdstat_evalsha:calls=(\d+)/.exec(calls)?.[1]).toBe("20");
});
