import { changeRecord } from "@telltale/testkit";
import { expect } from "vitest";
import { claimAll, claimOne, type Harness, LEASE_MS, OUTPUT, test } from "./harness.js";

async function submitMany(h: Harness, count: number): Promise<string[]> {
  const jobs = await Promise.all(Array.from({ length: count }, () => h.telltale.resize.submit({ width: 1 })));
  return jobs.map(({ id }) => id);
}

const bellOf = (h: Harness): Promise<number> => h.redis.llen(`${h.prefix}:{resize}:bell`);
const request = { loop: "l", request: "r", room: 10, leaseMs: LEASE_MS };

test.for([
  [1, 10, 1],
  [8, 10, 2],
  [40, 3, 3],
  [40, 100, 10],
  [1_000, 1_000, 100],
] as const)("with %d waiting jobs, a worker with room for %d claims %d", async ([count, room, taken], { h }) => {
  await submitMany(h, count);

  expect(await claimAll(h.scripts, room)).toHaveLength(taken);
});

test("a claim returns everything that an attempt needs", async ({ h }) => {
  const { id } = await h.telltale.$engine.submit({
    kind: "resize",
    input: { width: 3 },
    owner: "ann",
    tags: ["a", "b"],
  });

  expect(await claimOne(h.scripts)).toEqual({
    id,
    fence: 1,
    kind: "resize",
    owner: "ann",
    input: '{"json":{"width":3}}',
    attempt: 1,
    attempts: 3,
    round: 1,
    tags: ["a", "b"],
    createdAt: h.clock.now(),
    version: 1,
    depth: 0,
    account: null,
  });
});

test("a repeated claim returns the same jobs with renewed leases, and claims no others", async ({ h }) => {
  await submitMany(h, 12);
  const first = await h.scripts.claim(request);
  h.clock.advance(LEASE_MS - 1);

  const again = await h.scripts.claim(request);

  expect(again.jobs).toEqual(first.jobs);
  h.clock.advance(LEASE_MS - 1);
  expect(await h.scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 0 });
});

test("a claim that is repeated after its leases have expired still returns its jobs", async ({ h }) => {
  await submitMany(h, 4);
  const first = await h.scripts.claim(request);
  await h.redis.pexpire(`${h.prefix}:{resize}:claim:l`, 5_000);

  await h.scripts.claim(request);

  expect(await h.redis.pttl(`${h.prefix}:{resize}:claim:l`)).toBeGreaterThan(LEASE_MS);
  expect((await h.scripts.claim(request)).jobs).toEqual(first.jobs);
});

test("a repeated claim leaves out jobs that were settled or reclaimed in the meantime", async ({ h }) => {
  await submitMany(h, 12);
  const [settled, released, kept] = (await h.scripts.claim(request)).jobs;
  if (!settled || !released || !kept) throw new Error("expected three jobs");
  await h.scripts.complete({ ...settled, output: OUTPUT, pending: null });
  await h.scripts.release([released]);

  expect((await h.scripts.claim(request)).jobs).toEqual([kept]);
});

test("a claim with a new request id claims new jobs", async ({ h }) => {
  await submitMany(h, 2);
  const first = await h.scripts.claim(request);
  const second = await h.scripts.claim({ ...request, request: "r1" });

  expect(second.jobs).toHaveLength(1);
  expect(second.jobs).not.toEqual(first.jobs);
});

test("a worker without room claims nothing and wakes no other worker", async ({ h }) => {
  await submitMany(h, 2);
  await h.redis.del(`${h.prefix}:{resize}:bell`);

  expect(await h.scripts.claim({ ...request, room: 0 })).toMatchObject({ jobs: [], more: false });
  expect(await bellOf(h)).toBe(0);
});

test("cancelled jobs are skipped, 200 per call, and the reply says that there are more", async ({ h }) => {
  const ids = await submitMany(h, 250);
  for (const id of ids) await h.scripts.cancel(id);
  const [last] = await submitMany(h, 1);

  const first = await h.scripts.claim(request);
  const second = await h.scripts.claim({ ...request, request: "r2" });

  expect(first).toMatchObject({ jobs: [], more: true });
  expect(second.jobs.map(({ id }) => id)).toEqual([last]);
  expect(second.more).toBe(false);
});

test("an id whose record cannot be read is skipped, and the other jobs are claimed", async ({ h }) => {
  const [broken = "", missing = "", planted = "", good] = await submitMany(h, 4);
  await changeRecord(h.redis, `${h.prefix}:{resize}:job:${broken}`, { seq: "x" });
  await changeRecord(h.redis, `${h.prefix}:{resize}:job:${missing}`, { attempts: null, fence: null });
  await changeRecord(h.redis, `${h.prefix}:{resize}:job:${planted}`, { priority: "weird" });

  const claimed = await claimAll(h.scripts, 4);

  expect(claimed.map(({ id }) => id)).toEqual([good]);
});

test("the doorbell holds one entry per new job and never more than 64", async ({ h }) => {
  await submitMany(h, 3);
  expect(await bellOf(h)).toBe(3);
  await submitMany(h, 100);
  expect(await bellOf(h)).toBe(64);
});

test("a claim that empties the queue clears the doorbell", async ({ h }) => {
  await submitMany(h, 1);
  await claimOne(h.scripts);

  expect(await bellOf(h)).toBe(0);
});

test("a claim that leaves jobs behind rings the doorbell for other workers", async ({ h }) => {
  await submitMany(h, 8);
  await h.redis.del(`${h.prefix}:{resize}:bell`);

  const claimed = await h.scripts.claim(request);

  expect(claimed).toMatchObject({ more: true });
  expect(await bellOf(h)).toBe(6);
});

test("a claim returns when the next job is due", async ({ h }) => {
  expect(await h.scripts.claim(request)).toMatchObject({ jobs: [], more: false, nextDueInMs: null });
  await h.telltale.resize.submit({ width: 1 }, { delay: "10s" });
  h.clock.advance(4_000);

  expect(await h.scripts.claim(request)).toMatchObject({ nextDueInMs: 6_000 });
  h.clock.advance(60_000);
  await h.scripts.pause();
  expect(await h.scripts.claim(request)).toMatchObject({ jobs: [], nextDueInMs: 0 });
});

test("an idle worker wakes at once when a job is submitted, promoted, released or run again", async ({ h }) => {
  const { $engine } = h.telltale;
  const bell = $engine.doorbell("resize");
  const wakes = async (action: () => Promise<unknown>): Promise<void> => {
    const startedAt = performance.now();
    const rung = bell.wait(10_000, new AbortController().signal);
    await action();
    await rung;
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  };

  try {
    await wakes(() => h.telltale.resize.submit({ width: 1 }));
    const lease = await claimOne(h.scripts);
    await wakes(() => h.scripts.release([lease]));
    await h.scripts.cancel(lease.id);
    await claimAll(h.scripts);
    await wakes(() => $engine.rerun(lease.id));
    await claimAll(h.scripts);
    await h.telltale.resize.submit({ width: 1 }, { delay: "1s" });
    h.clock.advance(1_000);
    await wakes(() => h.scripts.promote());
  } finally {
    bell.close();
  }
});

test("waiting for the doorbell ends after the given time, or at once when aborted", async ({ h }) => {
  const bell = h.telltale.$engine.doorbell("resize");
  const never = new AbortController();

  await bell.wait(30, never.signal);
  const parked = bell.wait(60_000, never.signal);
  never.abort();

  expect(await parked).toBe(false);
  expect(await bell.wait(60_000, never.signal)).toBe(false);
  bell.close();
  bell.close();
});
