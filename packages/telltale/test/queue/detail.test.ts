import { expect } from "vitest";
import { encode } from "../../src/core/codec/codec.js";
import { claimOne, type Harness, LEASE_MS, OUTPUT, test } from "./harness.js";

const failing = (code: string) => encode({ code, message: `${code}.`, detail: `really ${code}` });

/** Fails the only job, and queues its retry. */
async function failOnce({ scripts, clock }: Harness, code: string): Promise<void> {
  await scripts.fail({ ...(await claimOne(scripts)), error: failing(code), retryInMs: 5, pending: null });
  clock.advance(5);
  await scripts.promote();
}

test("a job's detail contains its status event, how it was submitted, and the error of every attempt", async ({
  h,
}) => {
  const options = { tags: ["a", "b"], priority: "high" } as const;
  const job = await h.telltale.resize.submit({ width: 1 }, options);
  const submittedAt = h.clock.now();
  await failOnce(h, "first");
  await claimOne(h.scripts);
  h.clock.advance(LEASE_MS + 1);
  await h.scripts.reclaim(LEASE_MS);
  const now = h.clock.now();

  expect(await job.get()).toEqual({
    id: job.id,
    kind: "resize",
    status: "retrying",
    seq: 6,
    rev: 0,
    round: 1,
    attempt: 2,
    at: now,
    error: { code: "worker_lost", message: expect.any(String) },
    createdAt: submittedAt,
    startedAt: submittedAt + 5,
    waitedMs: 0,
    ranMs: now - submittedAt - 5,
    tags: ["a", "b"],
    priority: "high",
    attempts: 3,
    runAt: now + 2_000,
    story: [expect.objectContaining({ attempt: 1 }), expect.objectContaining({ attempt: 2 })],
    input: { width: 1 },
    errors: [
      { round: 1, attempt: 1, at: submittedAt, code: "first", message: "really first" },
      { round: 1, attempt: 2, at: now, code: "worker_lost", message: expect.any(String) },
    ],
  });
});

test("the errors of earlier rounds, and of a job that later completed, stay on record", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error: failing("one"), retryInMs: null, pending: null });
  await h.telltale.$engine.rerun(job.id);
  await failOnce(h, "two");
  await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });

  const { status, errors } = await job.get();

  expect(status).toBe("completed");
  expect(errors.map(({ round, attempt, code }) => [round, attempt, code])).toEqual([
    [1, 1, "one"],
    [2, 1, "two"],
  ]);
});

test("after more than ten failed attempts, the last ten errors are kept", async ({ h }) => {
  const job = await h.telltale.$engine.prepare({ kind: "resize", input: { width: 1 } });
  await h.scripts.submit([{ ...job, attempts: 25 }]);
  for (let attempt = 1; attempt <= 12; attempt++) await failOnce(h, `error_${attempt}`);

  const { errors } = await h.telltale.resize.job(job.id).get();

  expect(errors.map(({ attempt }) => attempt)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test("an error with several lines is kept unchanged", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const error = encode({ code: "lines", message: "a\nb\n" });
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error, retryInMs: null, pending: null });
  await h.redis.rpush(`${h.prefix}:{resize}:errors:${id}`, "1\n1\n5\nnot\nours");

  expect((await h.telltale.resize.job(id).get()).errors).toMatchObject([
    { code: "lines", message: "a\nb\n" },
    { code: "corrupt", at: 5 },
  ]);
});

test("a settling call that was refused or repeated records no error", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  const failure = { ...lease, error: failing("once"), retryInMs: 5, pending: null };
  await h.scripts.fail(failure);
  await h.scripts.fail(failure);
  await expect(h.scripts.fail({ ...failure, fence: 9 })).rejects.toMatchObject({ code: "lease_lost" });

  expect((await job.get()).errors).toHaveLength(1);
});

test("an unknown job has no detail", async ({ h }) => {
  for (const id of [`resize_${"0".repeat(32)}`, `nothing_${"0".repeat(32)}`, "__proto__"]) {
    await expect(h.telltale.resize.job(id).get()).rejects.toMatchObject({ code: "not_found" });
  }
});

test("the errors of a job are removed together with the job", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  await failOnce(h, "x");
  await job.cancel();
  expect(await h.redis.exists(`${h.prefix}:{resize}:errors:${job.id}`)).toBe(1);
  await h.telltale.$engine.remove(job.id);

  expect(await h.redis.exists(`${h.prefix}:{resize}:errors:${job.id}`)).toBe(0);
});

test("many jobs are rerun in one call, which returns the outcome of each", async ({ h }) => {
  const done = await h.telltale.resize.submit({ width: 1 }, { uniqueKey: "u" });
  await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });
  const other = await h.telltale.resize.submit({ width: 2 });
  await other.cancel();
  const holder = await h.telltale.resize.submit({ width: 3 }, { uniqueKey: "u" });
  const missing = `resize_${"0".repeat(32)}`;

  const answers = await h.telltale.$engine.rerunMany([done.id, holder.id, missing, other.id, other.id]);

  expect(answers).toMatchObject([
    { id: done.id, error: { code: "unique_conflict", data: { id: holder.id } } },
    { id: holder.id, error: { code: "invalid_input" } },
    { id: missing, error: { code: "not_found" } },
    { id: other.id, status: "queued" },
    { id: other.id, status: "queued" },
  ]);
  expect(await other.get()).toMatchObject({ status: "queued", round: 2 });
});

test("the detail of a job that was cancelled because it did not start in time contains the reason", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 }, { startWithin: "1s" });
  h.clock.advance(1_001);
  await h.scripts.expire();

  expect(await job.get()).toMatchObject({ status: "cancelled", reason: "not_started_in_time" });
  expect((await h.telltale.resize.list({ status: "cancelled" }).page()).jobs).toMatchObject([{ id: job.id }]);
});
