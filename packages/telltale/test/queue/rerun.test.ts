import { expect } from "vitest";
import { claimAll, claimOne, ERROR, type Harness, OUTPUT, test } from "./harness.js";

async function finished({ telltale, scripts }: Harness, options = {}): Promise<string> {
  const { id } = await telltale.resize.submit({ width: 1 }, options);
  await scripts.complete({ ...(await claimOne(scripts)), output: OUTPUT, pending: null });
  return id;
}

test("a rerun job starts a new round: attempts start at 1, seq and fence continue", async ({ h }) => {
  const id = await finished(h);

  await h.telltale.$engine.rerun(id);

  expect(await h.telltale.$engine.find.read(id)).toMatchObject({
    status: "queued",
    round: 2,
    attempt: 0,
    seq: 4,
    output: null,
  });
  expect(await claimOne(h.scripts)).toMatchObject({ id, round: 2, attempt: 1, fence: 2 });
});

test("the feed keeps the output or error of the previous round", async ({ h }) => {
  const id = await finished(h);
  await h.telltale.$engine.rerun(id);
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error: ERROR, retryInMs: null, pending: null });
  await h.telltale.$engine.rerun(id);

  const job = await h.telltale.$engine.find.read(id);

  expect(job?.feed.map(({ seq, status, payload }) => [seq, status, payload])).toEqual([
    [2, "running", null],
    [3, "completed", OUTPUT],
    [4, "queued", null],
    [5, "running", null],
    [6, "failed", ERROR],
    [7, "queued", null],
  ]);
});

test("an unfinished or unknown job cannot be rerun", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });

  await expect(h.telltale.$engine.rerun(id)).rejects.toMatchObject({ code: "invalid_input" });
  await expect(h.telltale.$engine.rerun(`resize_${"0".repeat(32)}`)).rejects.toMatchObject({ code: "not_found" });
});

test("a rerun takes the unique key again, or is refused while another job holds it", async ({ h }) => {
  const id = await finished(h, { uniqueKey: "u" });
  const other = await h.telltale.resize.submit({ width: 2 }, { uniqueKey: "u" });
  await expect(h.telltale.$engine.rerun(id)).rejects.toMatchObject({ code: "unique_conflict", data: { id: other.id } });
  await other.cancel();

  await h.telltale.$engine.rerun(id);

  await expect(h.telltale.resize.submit({ width: 3 }, { uniqueKey: "u" })).rejects.toMatchObject({ data: { id } });
});

test("a repeated rerun starts one round", async ({ h }) => {
  const id = await finished(h);

  await h.scripts.rerun(id, 1);
  await h.scripts.rerun(id, 1);

  expect(await h.telltale.$engine.find.read(id)).toMatchObject({ round: 2, seq: 4 });
});

test("a job that was cancelled while it waited and then rerun is claimed once", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  await job.cancel();
  await h.telltale.$engine.rerun(job.id);

  expect((await claimAll(h.scripts)).map(({ id }) => id)).toEqual([job.id]);
  expect(await claimAll(h.scripts)).toEqual([]);
  expect(await h.redis.hgetall(`${h.prefix}:{resize}:meta`)).toMatchObject({
    queued: "0",
    running: "1",
    cancelled: "0",
  });
});

test("an idempotency key still belongs to its job during a rerun", async ({ h }) => {
  const id = await finished(h, { idempotencyKey: "k" });
  await h.telltale.$engine.rerun(id);
  const [record = ""] = await h.redis.keys(`${h.prefix}:{resize}:idem:*`);

  expect(await h.redis.pttl(record)).toBe(-1);
  expect((await h.telltale.resize.submit({ width: 1 }, { idempotencyKey: "k" })).id).toBe(id);
});

test("a rerun does not change the idempotency key if another job has it now", async ({ h }) => {
  const id = await finished(h, { idempotencyKey: "k" });
  const [record = ""] = await h.redis.keys(`${h.prefix}:{resize}:idem:*`);
  await h.redis.del(record);
  const other = await h.telltale.resize.submit({ width: 1 }, { idempotencyKey: "k" });
  await other.cancel();

  await h.telltale.$engine.rerun(id);

  expect(await h.redis.pttl(record)).toBeGreaterThan(0);
});

test("the chunks of the previous round are deleted", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  await h.scripts.chunk({ ...lease, first: 1, pieces: ["a"] });
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });

  await h.telltale.$engine.rerun(id);

  expect(await h.redis.exists(`${h.prefix}:{resize}:chunks:${id}`)).toBe(0);
});
