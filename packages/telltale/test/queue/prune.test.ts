import { defineJob, defineJobs } from "telltale";
import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { z } from "zod";
import { claimAll, claimOne, type Harness, OUTPUT, test } from "./harness.js";

const HOUR = 3_600_000;
const short = defineJob("short", {
  input: z.int(),
  output: z.unknown(),
  retention: { completed: { age: "60s", count: 10 }, failed: { age: "1h", count: 2 } },
});

/** An engine whose jobs are kept shortly, beside that of the harness. */
function openShort(h: Harness) {
  const { source, prefix, clock } = h;
  return createTelltale({ jobs: defineJobs(short), redis: source, prefix, clock: () => clock.now() });
}

async function complete(telltale: ReturnType<typeof openShort>, count: number): Promise<void> {
  const lane = telltale.$engine.lane("short");
  await Promise.all(Array.from({ length: count }, (_, i) => telltale.short.submit(i)));
  for (let done = 0; done < count; ) {
    const leases = await claimAll(lane);
    await Promise.all(leases.map((lease) => lane.complete({ ...lease, output: OUTPUT, pending: null })));
    done += leases.length;
  }
}

test("a finished job is kept for as long as its contract says, and not longer", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await h.lane.complete({ ...(await claimOne(h.lane)), output: OUTPUT, pending: null });
  h.clock.advance(24 * HOUR - 1);
  expect(await h.lane.prune()).toEqual({ pruned: 0, more: false });
  h.clock.advance(1);

  expect(await h.lane.prune()).toEqual({ pruned: 1, more: false });
  expect(await h.telltale.$engine.read(id)).toBeNull();
});

test("of more than a queue keeps the oldest go first, but none within its first minute", async ({ h }) => {
  await using telltale = openShort(h);
  const lane = telltale.$engine.lane("short");
  await complete(telltale, 12);
  expect(await lane.prune()).toEqual({ pruned: 0, more: false });
  h.clock.advance(59_999);
  expect(await lane.prune()).toEqual({ pruned: 0, more: false });
  const jobs = [];
  for (let i = 0; i < 4; i++) jobs.push(await telltale.short.submit(i));
  for (const job of jobs) {
    await job.cancel();
    h.clock.advance(1);
  }
  h.clock.advance(60_000);

  await lane.prune();

  const left = await Promise.all(jobs.map(async ({ id }) => (await telltale.$engine.read(id)) !== null));
  expect(left).toEqual([false, false, true, true]);
});

test("a call deletes at most a hundred and says that there is more", async ({ h }) => {
  await using telltale = openShort(h);
  await complete(telltale, 130);
  h.clock.advance(60_000);

  const lane = telltale.$engine.lane("short");

  expect(await lane.prune()).toEqual({ pruned: 100, more: true });
  expect(await lane.prune()).toEqual({ pruned: 30, more: false });
});

test("after everything finished and its time has passed no key of a job is left", async ({ h }) => {
  const { telltale, lane, redis, clock, prefix } = h;
  for (let i = 0; i < 6; i++) {
    await telltale.resize.submit(
      { width: i },
      { idempotencyKey: `k${i}`, uniqueKey: `u${i}`, tags: ["a"], delay: i * 10 },
    );
  }
  clock.advance(100);
  await lane.promote();
  const leases = [];
  for (let i = 0; i < 5; i++) leases.push(await claimOne(lane));
  const [done, failed, cancelled, released] = leases;
  if (!done || !failed || !cancelled || !released) throw new Error("expected leases");
  await lane.chunk({ ...done, first: 1, pieces: ["a"] });
  await lane.complete({ ...done, output: OUTPUT, pending: null });
  await lane.fail({ ...failed, error: "e", retryInMs: null, pending: null });
  await lane.cancel(cancelled.id);
  await lane.fail({ ...cancelled, error: "e", retryInMs: 1, pending: null });
  await lane.release([released]);
  await lane.cancel(released.id);
  // Lost by its worker once, then run to its end.
  clock.advance(31_000);
  expect(await lane.reclaim(30_000)).toMatchObject({ reclaimed: 1 });
  clock.advance(61_000);
  await lane.promote();
  for (let left = await claimAll(lane); left.length > 0; left = await claimAll(lane)) {
    for (const lease of left) await lane.complete({ ...lease, output: OUTPUT, pending: null });
  }

  clock.advance(8 * 24 * HOUR);
  await lane.prune();
  await claimAll(lane);

  const keys = (await redis.keys(`${prefix}:{resize}:*`)).map((key) => key.slice(`${prefix}:{resize}:`.length));
  const lasting = [];
  for (const key of keys) if ((await redis.pttl(`${prefix}:{resize}:${key}`)) < 0) lasting.push(key);
  expect(lasting).toEqual(["meta"]);
  const { clock: _, handed, layout, ...counters } = await redis.hgetall(`${prefix}:{resize}:meta`);
  expect(Object.values(counters).every((count) => count === "0")).toBe(true);
});
