import { expect } from "vitest";
import { decode } from "../../src/core/codec/codec.js";
import { claimOne, ERROR, type Harness, LEASE_MS, OUTPUT, test } from "./harness.js";

const failing = { error: ERROR, retryInMs: 1_000, pending: null };
const completing = { output: OUTPUT, pending: null };

async function running({ telltale, scripts }: Harness): Promise<{ id: string; fence: number }> {
  await telltale.resize.submit({ width: 1 });
  const { id, fence } = await claimOne(scripts);
  return { id, fence };
}

test("a completed job has the output that its worker sent", async ({ h }) => {
  const lease = await running(h);

  await h.scripts.complete({ ...lease, output: OUTPUT, pending: { n: 1, progress: '{"json":{"percent":99}}' } });

  expect(await h.telltale.$engine.find.read(lease.id)).toMatchObject({
    status: "completed",
    output: OUTPUT,
    seq: 3,
    rev: 0,
  });
});

test.for(["extend", "progress", "chunk", "complete", "fail", "release"] as const)(
  "a worker that lost its lease cannot %s",
  async (action, { h }) => {
    const lease = await running(h);
    h.clock.advance(LEASE_MS + 1);
    await h.scripts.reclaim(LEASE_MS);
    h.clock.advance(1_000);
    await h.scripts.promote();
    await claimOne(h.scripts);
    const before = await h.telltale.$engine.find.read(lease.id);

    const late = {
      extend: () => h.scripts.extend([lease], LEASE_MS),
      progress: () => h.scripts.progress({ ...lease, n: 1, progress: "p" }),
      chunk: () => h.scripts.chunk({ ...lease, first: 1, pieces: ["p"] }),
      complete: () => h.scripts.complete({ ...lease, ...completing }),
      fail: () => h.scripts.fail({ ...lease, ...failing }),
      release: () => h.scripts.release([lease]),
    }[action]();

    if (action === "extend") expect(await late).toEqual(["lease_lost"]);
    else if (action === "release") await late;
    else await expect(late).rejects.toMatchObject({ code: "lease_lost" });
    expect(await h.telltale.$engine.find.read(lease.id)).toEqual(before);
    expect(await h.redis.exists(`${h.prefix}:{resize}:chunks:${lease.id}`)).toBe(0);
  },
);

test("a worker whose lease has expired may still complete its job if it was not reclaimed", async ({ h }) => {
  const lease = await running(h);
  h.clock.advance(10 * LEASE_MS);

  await expect(h.scripts.complete({ ...lease, ...completing })).resolves.toBeUndefined();
});

test("a job is retried until its attempts are used up, and then fails with its error", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const outcomes: string[] = [];
  for (let attempt = 1; attempt <= 3; attempt++) {
    const lease = await claimOne(h.scripts);
    expect(lease).toMatchObject({ id, attempt, fence: attempt });
    outcomes.push(await h.scripts.fail({ ...lease, ...failing }));
    h.clock.advance(1_000);
    await h.scripts.promote();
  }

  expect(outcomes).toEqual(["retrying", "retrying", "failed"]);
  expect(await h.telltale.$engine.find.read(id)).toMatchObject({ status: "failed", attempt: 3, error: ERROR });
});

test("a failure without a retry ends the job at once", async ({ h }) => {
  expect(await h.scripts.fail({ ...(await running(h)), ...failing, retryInMs: null })).toBe("failed");
});

test("a retry waits exactly as long as the worker asked for", async ({ h }) => {
  await h.scripts.fail({ ...(await running(h)), ...failing, retryInMs: 5_000 });
  h.clock.advance(4_999);
  expect(await h.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: 1 });
  h.clock.advance(1);

  expect(await h.scripts.promote()).toMatchObject({ promoted: 1 });
});

test("after a cancel request, a failing attempt ends the job as cancelled", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.cancel(lease.id);

  expect(await h.scripts.extend([lease], LEASE_MS)).toEqual(["cancel_requested"]);
  expect(await h.scripts.fail({ ...lease, ...failing })).toBe("cancelled");
});

test("after a cancel request, a handler that returns normally completes the job", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.cancel(lease.id);
  await h.scripts.complete({ ...lease, ...completing });

  expect(await h.telltale.$engine.find.read(lease.id)).toMatchObject({ status: "completed", output: OUTPUT });
});

test("a released job uses no attempt and is claimed next", async ({ h }) => {
  const lease = await running(h);
  await h.telltale.resize.submit({ width: 2 });

  await h.scripts.release([lease]);

  expect(await claimOne(h.scripts)).toMatchObject({ id: lease.id, attempt: 1, fence: 2 });
});

test("a job that is released with a delay waits, is claimed after the others, and uses no attempt", async ({ h }) => {
  const lease = await running(h);
  const other = await h.telltale.resize.submit({ width: 2 });

  await h.scripts.release([{ ...lease, delayMs: 30_000 }]);

  expect(await h.telltale.$engine.find.read(lease.id)).toMatchObject({
    status: "scheduled",
    attempt: 0,
    wasScheduled: false,
  });
  h.clock.advance(29_999);
  expect(await h.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: 1 });
  h.clock.advance(1);
  expect(await h.scripts.promote()).toEqual({ promoted: 1, nextDueInMs: null });
  expect(await claimOne(h.scripts)).toMatchObject({ id: other.id });
  expect(await claimOne(h.scripts)).toMatchObject({ id: lease.id, attempt: 1, fence: 2 });
});

test("each job that is released in one call waits for its own delay", async ({ h }) => {
  const [now, later] = [await running(h), await running(h)];

  await h.scripts.release([now, { ...later, delayMs: 1_000 }]);

  expect(await h.telltale.$engine.find.read(now.id)).toMatchObject({ status: "queued" });
  expect(await h.telltale.$engine.find.read(later.id)).toMatchObject({ status: "scheduled" });
});

test("a job that waits after a release with a delay can be cancelled, or run now", async ({ h }) => {
  const [one, two] = [await running(h), await running(h)];
  await h.scripts.release([one, two].map((lease) => ({ ...lease, delayMs: 30_000 })));

  expect(await h.telltale.$engine.cancel(one.id)).toBe("cancelled");
  await h.telltale.$engine.runNow(two.id);

  expect(await claimOne(h.scripts)).toMatchObject({ id: two.id });
});

test("a job with a requested cancel is not delayed by a release", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.cancel(lease.id);
  await h.scripts.release([{ ...lease, delayMs: 30_000 }]);

  expect(await h.telltale.$engine.find.read(lease.id)).toMatchObject({ status: "cancelled" });
  expect(await h.redis.zcard(`${h.prefix}:{resize}:scheduled:normal`)).toBe(0);
});

test("a job with a requested cancel is not claimed again after a release", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.cancel(lease.id);
  await h.scripts.release([lease]);

  expect(await h.telltale.$engine.find.read(lease.id)).toMatchObject({ status: "cancelled" });
});

test("settling an unknown job rejects with not_found", async ({ h }) => {
  const lease = { ...(await running(h)), id: `resize_${"0".repeat(32)}` };

  await expect(h.scripts.complete({ ...lease, ...completing })).rejects.toMatchObject({ code: "not_found" });
  await expect(h.scripts.fail({ ...lease, ...failing })).rejects.toMatchObject({ code: "not_found" });
});

test("a repeated or late progress report does not overwrite a newer one", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.progress({ ...lease, n: 1, progress: "one" });
  await h.scripts.progress({ ...lease, n: 3, progress: "three" });

  await h.scripts.progress({ ...lease, n: 3, progress: "three" });
  await h.scripts.progress({ ...lease, n: 2, progress: "two" });

  expect(await h.telltale.$engine.find.read(lease.id)).toMatchObject({ progress: "three", rev: 2 });
});

test("the next attempt starts without the reports of the previous one", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.progress({ ...lease, n: 9, progress: "old" });
  await h.scripts.fail({ ...lease, ...failing });
  h.clock.advance(1_000);
  await h.scripts.promote();
  const next = await claimOne(h.scripts);
  expect(await h.telltale.$engine.find.read(lease.id)).toMatchObject({ progress: null });

  await h.scripts.progress({ ...next, n: 1, progress: "new" });

  expect(await h.telltale.$engine.find.read(lease.id)).toMatchObject({ progress: "new", rev: 1 });
});

test("callers that wait for the result get the data of the error", async ({ h }) => {
  const { telltale, scripts } = h;
  const job = await telltale.resize.submit({ width: 1 });
  const error = '{"json":{"code":"timeout","message":"m","detail":"real","data":{"a":1}}}';
  await scripts.fail({ ...(await claimOne(scripts)), error, retryInMs: null, pending: null });

  expect(await job.result()).toEqual({
    ok: false,
    status: "failed",
    error: { code: "timeout", message: "real", data: { a: 1 } },
  });
  await expect(job.output()).rejects.toMatchObject({ code: "job_failed" });
  expect(decode(error)).toMatchObject({ detail: "real" });
});
