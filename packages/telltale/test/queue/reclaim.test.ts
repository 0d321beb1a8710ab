import { changeRecord } from "@telltale/testkit";
import { expect } from "vitest";
import { decode } from "../../src/core/codec/codec.js";
import { claimAll, claimOne, type Harness, LEASE_MS, test } from "./harness.js";

/** Lets a lease expire and reclaims it. Returns the jobs that ended. */
async function loseWorker({ scripts, clock }: Harness): Promise<unknown> {
  clock.advance(LEASE_MS + 1);
  const { reclaimed, ended } = await scripts.reclaim(LEASE_MS);
  expect(reclaimed).toBe(1);
  return ended;
}

test("a lease is not reclaimed before it has expired", async ({ h }) => {
  await h.telltale.resize.submit({ width: 1 });
  await claimOne(h.scripts);
  h.clock.advance(LEASE_MS);
  expect(await h.scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 0, more: false });
  h.clock.advance(1);

  expect(await h.scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 1, more: false });
});

test("an extended lease lasts from the moment of its extension", async ({ h }) => {
  await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  h.clock.advance(LEASE_MS - 1);
  await h.scripts.extend([lease], LEASE_MS);
  h.clock.advance(LEASE_MS);

  expect(await h.scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 0 });
});

test("after a lost worker, a job waits 1 s, doubled with every attempt, up to a minute", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await changeRecord(h.redis, `${h.prefix}:{resize}:job:${id}`, { attempts: 9 });
  const waits: (number | null)[] = [];
  for (let attempt = 1; attempt <= 8; attempt++) {
    await claimOne(h.scripts);
    await loseWorker(h);
    const { nextDueInMs } = await h.scripts.promote();
    waits.push(nextDueInMs);
    h.clock.advance(nextDueInMs ?? 0);
    await h.scripts.promote();
  }

  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test("a job that loses its worker in every attempt fails with worker_lost", async ({ h }) => {
  const { id } = await h.telltale.archive.submit(1);
  const scripts = h.telltale.$engine.scripts("archive");
  await claimOne(scripts);
  h.clock.advance(LEASE_MS + 1);
  expect(await scripts.reclaim(LEASE_MS)).toMatchObject({ ended: [{ id, status: "failed" }] });

  const job = await h.telltale.$engine.find.read(id);

  expect(job).toMatchObject({ status: "failed", attempt: 1 });
  expect(decode(job?.error ?? "")).toMatchObject({ code: "worker_lost" });
});

test("a job with a requested cancel is cancelled when its worker is lost", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await claimOne(h.scripts);
  await h.scripts.cancel(id);

  expect(await loseWorker(h)).toEqual([{ id, status: "cancelled" }]);

  expect(await h.telltale.$engine.find.read(id)).toMatchObject({ status: "cancelled" });
});

test("a fence increases with every claim and every reclaim", async ({ h }) => {
  await h.telltale.resize.submit({ width: 1 });
  const first = await claimOne(h.scripts);
  await loseWorker(h);
  h.clock.advance(1_000);
  await h.scripts.promote();

  expect((await claimOne(h.scripts)).fence).toBe(first.fence + 2);
});

test("more than a hundred expired leases are reclaimed in bounded steps", async ({ h }) => {
  await Promise.all(Array.from({ length: 150 }, () => h.telltale.resize.submit({ width: 1 })));
  for (let left = 150; left > 0; ) left -= (await claimAll(h.scripts)).length;
  h.clock.advance(LEASE_MS + 1);

  expect(await h.scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 100, more: true });
  expect(await h.scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 50, more: false });
});

test("if the server's clock goes back by less than a minute, the queue's clock stands still", async ({ h }) => {
  const first = await h.telltale.resize.submit({ width: 1 });
  const at = h.clock.now();
  h.clock.advance(-59_000);
  const second = await h.telltale.resize.submit({ width: 1 });

  for (const { id } of [first, second]) expect(await h.telltale.$engine.find.read(id)).toMatchObject({ at });
  expect(await h.redis.hget(`${h.prefix}:{resize}:meta`, "clock_steps")).toBeNull();
});

test("if the server's clock goes back further, the queue follows and counts it, and no lease lasts more than its length longer", async ({
  h,
}) => {
  await h.telltale.resize.submit({ width: 1 });
  await claimOne(h.scripts);
  h.clock.advance(-3_600_000);

  await h.scripts.reclaim(LEASE_MS);
  h.clock.advance(LEASE_MS + 1);

  expect(await h.scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 1 });
  expect(await h.redis.hget(`${h.prefix}:{resize}:meta`, "clock_steps")).toBe("1");
});
