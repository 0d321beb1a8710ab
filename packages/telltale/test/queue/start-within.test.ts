import { isFinal } from "telltale";
import { expect } from "vitest";
import { all, told } from "./feed-story.js";
import { claimOne, ERROR, LEASE_MS, test } from "./harness.js";

test("a job that did not start in time is cancelled with a reason, by a claim or by maintenance", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 }, { startWithin: "5s", uniqueKey: "u" });
  h.clock.advance(5_001);

  expect(await h.scripts.expire()).toEqual({ expired: 1, more: false, ended: [job.id] });

  expect(told(await all(h.telltale.$engine.watch(job.id)))).toEqual(["1.0 queued", "2.0 cancelled"]);
  const events = [];
  for await (const event of job.watch()) events.push(event);
  expect(events.at(-1)).toMatchObject({ status: "cancelled", reason: "not_started_in_time" });
  await h.telltale.resize.submit({ width: 1 }, { uniqueKey: "u" });
});

test("a claim never starts a job that is late", async ({ h }) => {
  const late = await h.telltale.resize.submit({ width: 1 }, { startWithin: "5s" });
  const next = await h.telltale.resize.submit({ width: 2 });
  h.clock.advance(5_001);

  const claimed = await h.scripts.claim({ loop: "l", request: "r", room: 9, leaseMs: LEASE_MS });
  expect(claimed.jobs.map(({ id }) => id)).toEqual([next.id]);
  expect(claimed.late).toEqual([late.id]);
  expect(claimed.now).toBe(h.clock.now());
  expect(await h.scripts.expire()).toMatchObject({ expired: 0, more: false });
});

test("a job may start until the last millisecond, and its retries and later rounds have no deadline", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 }, { startWithin: "5s" });
  h.clock.advance(5_000);
  expect(await h.scripts.expire()).toMatchObject({ expired: 0 });
  const lease = await claimOne(h.scripts);
  await h.scripts.fail({ ...lease, error: ERROR, retryInMs: 60_000, pending: null });

  h.clock.advance(60_000);
  expect(await h.scripts.expire()).toMatchObject({ expired: 0 });
  await h.scripts.promote();
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error: ERROR, retryInMs: null, pending: null });
  await h.scripts.rerun(id, 1);

  expect(await claimOne(h.scripts)).toMatchObject({ id });
});

test("the time counts from when the job is due", async ({ h }) => {
  const late = await h.telltale.resize.submit({ width: 1 }, { delay: "1m", startWithin: "5s" });
  h.clock.advance(60_000);
  await h.scripts.promote();
  h.clock.advance(5_000);
  expect(await claimOne(h.scripts)).toMatchObject({ id: late.id });

  const { id } = await h.telltale.resize.submit({ width: 1 }, { delay: "1m", startWithin: "5s" });
  h.clock.advance(65_001);
  await h.scripts.expire();

  expect(await h.scripts.read(id)).toMatchObject({ status: "cancelled" });
});

test("a job that was cancelled, was started or lost its worker is not cancelled as late, and leaves nothing behind", async ({
  h,
}) => {
  const cancelled = await h.telltale.resize.submit({ width: 1 }, { startWithin: "5s" });
  await h.telltale.resize.submit({ width: 2 }, { startWithin: "5s" });
  await cancelled.cancel();
  await claimOne(h.scripts);
  h.clock.advance(LEASE_MS + 1);
  await h.scripts.reclaim(LEASE_MS);

  expect(await h.scripts.expire()).toMatchObject({ expired: 0, more: false });
  expect(await h.redis.exists(`${h.prefix}:{resize}:expiring`)).toBe(0);
});

test("a rerun of a job that did not start in time has no deadline", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 }, { startWithin: "5s" });
  h.clock.advance(5_001);
  await h.scripts.expire();
  await h.scripts.rerun(id, 1);
  h.clock.advance(60_000);

  expect(await h.scripts.expire()).toMatchObject({ expired: 0 });
  expect(await claimOne(h.scripts)).toMatchObject({ id });
  const told = [];
  for await (const event of h.telltale.resize.job(id).watch({ after: "0:0.0" })) {
    told.push(event.status);
    if (event.status === "running" || isFinal(event.status)) break;
  }
  expect(told.at(-1)).toBe("running");
});
