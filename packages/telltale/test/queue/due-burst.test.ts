import { changeRecord } from "@telltale/testkit";
import type { Priority, SubmitOptions } from "telltale";
import { describe, expect } from "vitest";
import { claimAll, claimOne, ERROR, type Harness, LEASE_MS, OUTPUT, test } from "./harness.js";

/** More due jobs than one call of `promote` queues. */
const BURST = 250;

async function burst(h: Harness, options: SubmitOptions): Promise<void> {
  const items = Array.from({ length: BURST }, (_, width) => ({ input: { width }, options }));
  for (const { ok } of await h.telltale.resize.submitMany(items)) expect(ok).toBe(true);
}

const submit = async (h: Harness, options: SubmitOptions): Promise<string> =>
  (await h.telltale.resize.submit({ width: 0 }, options)).id;

describe("when many jobs become due at the same time", () => {
  test("the next free slot takes the most urgent one", async ({ h }) => {
    await burst(h, { delay: 1_000 });
    const low = await submit(h, { delay: 900, priority: "low" });
    const high = await submit(h, { delay: 1_040, priority: "high" });
    const urgent = await submit(h, { delay: 1_050, priority: "urgent" });
    h.clock.advance(1_050);

    const started = [await claimOne(h.scripts), await claimOne(h.scripts), await claimOne(h.scripts)];

    expect(started.map(({ id }) => id).slice(0, 2)).toEqual([urgent, high]);
    expect(started[2]?.id).not.toBe(low);
  });

  test("an urgent one with startWithin starts in time while normal ones run", async ({ h }) => {
    await burst(h, { delay: 1_000 });
    const urgent = await submit(h, { delay: 1_050, priority: "urgent", startWithin: "5s" });
    h.clock.advance(1_000);
    await h.scripts.promote();
    await claimAll(h.scripts, 10);

    h.clock.advance(50);

    expect(await claimOne(h.scripts)).toMatchObject({ id: urgent });
    h.clock.advance(5_000);
    expect(await h.scripts.expire()).toMatchObject({ expired: 0 });
  });

  test("maintenance queues the most urgent first", async ({ h }) => {
    await burst(h, { delay: 1_000 });
    const urgent = await submit(h, { delay: 1_050, priority: "urgent" });
    h.clock.advance(1_050);

    expect(await h.scripts.promote()).toEqual({ promoted: 100, nextDueInMs: 0 });

    expect(await h.scripts.read(urgent)).toMatchObject({ status: "queued" });
  });

  test("jobs of one priority start in the order in which they were due", async ({ h }) => {
    const [second, first, third] = [
      await submit(h, { delay: 20 }),
      await submit(h, { delay: 10 }),
      await submit(h, { delay: 30 }),
    ];
    h.clock.advance(30);

    const started = [await claimOne(h.scripts), await claimOne(h.scripts), await claimOne(h.scripts)];

    expect(started.map(({ id }) => id)).toEqual([first, second, third]);
  });

  test("a claim takes as many of them as it would take queued jobs, and no more than it has room for", async ({
    h,
  }) => {
    await burst(h, { delay: 1_000 });
    h.clock.advance(1_000);

    expect(await claimAll(h.scripts, 10)).toHaveLength(10);
    expect(await claimAll(h.scripts, 1_000)).toHaveLength(60);
  });
});

test("a retry of an urgent job starts before waiting normal jobs as soon as it is due", async ({ h }) => {
  const id = await submit(h, { priority: "urgent" });
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error: ERROR, retryInMs: 1_000, pending: null });
  const normal = await submit(h, {});
  await submit(h, {});

  h.clock.advance(999);
  expect(await claimOne(h.scripts)).toMatchObject({ id: normal });
  h.clock.advance(1);

  expect(await claimOne(h.scripts)).toMatchObject({ id, attempt: 2 });
});

test("one of sixteen jobs has the lowest priority, even if it has only just become due", async ({ h }) => {
  await burst(h, { priority: "urgent" });
  const low = await submit(h, { delay: 1_000, priority: "low" });
  h.clock.advance(1_000);

  const handed: string[] = [];
  for (let i = 0; i < 16; i++) handed.push((await claimOne(h.scripts)).id);

  expect(handed.indexOf(low)).toBe(15);
});

test("a claim also takes due jobs with a limit key, and respects the limit of the key", async ({ h }) => {
  const kinds = [{ kind: "resize", concurrency: 1, rate: null }];
  const scripts = h.scriptsWith({ limits: { concurrency: null, rate: null, maxWaiting: null, kinds } });
  const job = await h.telltale.$engine.prepare({ kind: "resize", input: { width: 1 }, delayMs: 1_000 });
  const limitKeys = { concurrency: "resize:a", rate: null };
  const ids = ["1", "2"].map((digit) => `resize_${digit.repeat(32)}`);
  await scripts.submit(ids.map((id) => ({ ...job, id, limitKeys })));
  h.clock.advance(1_000);

  const [first, ...others] = await claimAll(scripts);

  expect([first?.id, others]).toEqual([ids[0], []]);
  expect(await claimAll(scripts)).toEqual([]);
  await scripts.complete({ ...(first ?? { id: "", fence: 0 }), output: OUTPUT, pending: null });
  expect(await claimOne(scripts)).toMatchObject({ id: ids[1] });
});

test("a paused queue moves due jobs to its waiting list but starts none", async ({ h }) => {
  const id = await submit(h, { delay: 1_000 });
  await h.scripts.pause();
  h.clock.advance(1_000);

  expect(await claimAll(h.scripts)).toEqual([]);
  await h.scripts.resume();

  expect(await claimOne(h.scripts)).toMatchObject({ id });
});

test("a job whose record is damaged while it is delayed does not prevent other jobs from being claimed", async ({
  h,
}) => {
  const damaged = await submit(h, { delay: 1_000 });
  const next = await submit(h, { delay: 1_001 });
  await changeRecord(h.redis, `${h.prefix}:{resize}:job:${damaged}`, { attempts: "many" });
  h.clock.advance(1_001);

  expect(await claimOne(h.scripts)).toMatchObject({ id: next });
  expect(await h.scripts.condemn()).toMatchObject({ failed: 1 });
});

test.for(["urgent", "high", "normal", "low"] as const satisfies readonly Priority[])(
  "a delayed job of priority %s can be found, seen in the statistics, cancelled and counted",
  async (priority, { h }) => {
    const dueAt = h.clock.now() + 60_000;
    const job = await h.telltale.resize.submit({ width: 1 }, { priority, delay: "1m" });

    const { jobs } = await h.telltale.resize.list({ status: "scheduled" }).page();
    expect(jobs).toMatchObject([{ id: job.id, runAt: dueAt }]);
    expect(await h.telltale.$engine.find.detail(job.id)).toMatchObject({ dueAt });
    expect(await h.scripts.stats()).toMatchObject({ nextDueAt: dueAt });
    const claim = { loop: "l", request: "r", room: 1, leaseMs: LEASE_MS };
    expect(await h.scripts.claim(claim)).toMatchObject({ jobs: [], nextDueInMs: 60_000 });
    expect(await h.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: 60_000 });

    expect(await job.cancel()).toBe("cancelled");
    expect(await h.scripts.stats()).toMatchObject({ nextDueAt: null });
  },
);
