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

/** A second engine, with a short retention. */
function openShort(h: Harness) {
  const { source, prefix, clock } = h;
  return createTelltale({ jobs: defineJobs(short), redis: source, prefix, clock: () => clock.now() });
}

async function complete(telltale: ReturnType<typeof openShort>, count: number): Promise<void> {
  const scripts = telltale.$engine.scripts("short");
  await Promise.all(Array.from({ length: count }, (_, i) => telltale.short.submit(i)));
  for (let done = 0; done < count; ) {
    const leases = await claimAll(scripts);
    await Promise.all(leases.map((lease) => scripts.complete({ ...lease, output: OUTPUT, pending: null })));
    done += leases.length;
  }
}

test("a finished job is kept exactly as long as its contract says", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });
  h.clock.advance(24 * HOUR - 1);
  expect(await h.scripts.prune()).toEqual({ pruned: 0, more: false });
  h.clock.advance(1);

  expect(await h.scripts.prune()).toEqual({ pruned: 1, more: false });
  expect(await h.telltale.$engine.find.read(id)).toBeNull();
});

test("beyond the maximum count the oldest finished jobs are deleted first, but none in its first minute", async ({
  h,
}) => {
  await using telltale = openShort(h);
  const scripts = telltale.$engine.scripts("short");
  await complete(telltale, 12);
  expect(await scripts.prune()).toEqual({ pruned: 0, more: false });
  h.clock.advance(59_999);
  expect(await scripts.prune()).toEqual({ pruned: 0, more: false });
  const jobs = [];
  for (let i = 0; i < 4; i++) jobs.push(await telltale.short.submit(i));
  for (const job of jobs) {
    await job.cancel();
    h.clock.advance(1);
  }
  h.clock.advance(60_000);

  await scripts.prune();

  const left = await Promise.all(jobs.map(async ({ id }) => (await telltale.$engine.find.read(id)) !== null));
  expect(left).toEqual([false, false, true, true]);
});

test("a call deletes at most a hundred jobs and says whether there are more", async ({ h }) => {
  await using telltale = openShort(h);
  await complete(telltale, 130);
  h.clock.advance(60_000);

  const scripts = telltale.$engine.scripts("short");

  expect(await scripts.prune()).toEqual({ pruned: 100, more: true });
  expect(await scripts.prune()).toEqual({ pruned: 30, more: false });
});

test("when all jobs are finished and their retention is over, no key of a job is left", async ({ h }) => {
  const { telltale, scripts, redis, clock, prefix } = h;
  for (let i = 0; i < 6; i++) {
    await telltale.resize.submit(
      { width: i },
      { idempotencyKey: `k${i}`, uniqueKey: `u${i}`, tags: ["a"], delay: i * 10 },
    );
  }
  clock.advance(100);
  await scripts.promote();
  const leases = [];
  for (let i = 0; i < 5; i++) leases.push(await claimOne(scripts));
  const [done, failed, cancelled, released] = leases;
  if (!done || !failed || !cancelled || !released) throw new Error("expected leases");
  await scripts.chunk({ ...done, first: 1, pieces: ["a"] });
  await scripts.complete({ ...done, output: OUTPUT, pending: null });
  await scripts.fail({ ...failed, error: "e", retryInMs: null, pending: null });
  await scripts.cancel(cancelled.id);
  await scripts.fail({ ...cancelled, error: "e", retryInMs: 1, pending: null });
  await scripts.release([released]);
  await scripts.cancel(released.id);
  // It loses its worker once, and then completes.
  clock.advance(31_000);
  expect(await scripts.reclaim(30_000)).toMatchObject({ reclaimed: 1 });
  clock.advance(61_000);
  await scripts.promote();
  for (let left = await claimAll(scripts); left.length > 0; left = await claimAll(scripts)) {
    for (const lease of left) await scripts.complete({ ...lease, output: OUTPUT, pending: null });
  }

  clock.advance(8 * 24 * HOUR);
  await scripts.prune();
  await claimAll(scripts);

  const keys = (await redis.keys(`${prefix}:{resize}:*`)).map((key) => key.slice(`${prefix}:{resize}:`.length));
  const lasting = [];
  for (const key of keys) if ((await redis.pttl(`${prefix}:{resize}:${key}`)) < 0) lasting.push(key);
  expect(lasting.sort()).toEqual(["history", "meta", "totals"]);
  const { clock: _, handed, layout, worked, minute, ...counters } = await redis.hgetall(`${prefix}:{resize}:meta`);
  expect(Object.values(counters).every((count) => count === "0")).toBe(true);
});
