import { expect } from "vitest";
import { claimAll, claimOne, LEASE_MS, OUTPUT, test } from "./harness.js";

test("a paused queue accepts jobs and starts none until it is resumed", async ({ h }) => {
  await h.scripts.pause();
  const { id } = await h.telltale.resize.submit({ width: 1 });
  expect(await claimAll(h.scripts)).toEqual([]);

  await h.scripts.resume();

  expect(await claimAll(h.scripts)).toMatchObject([{ id }]);
});

test("a paused queue wakes no worker, and resuming it wakes one worker per job", async ({ h }) => {
  const bell = `${h.prefix}:{resize}:bell`;
  await h.telltale.resize.submit({ width: 1 });
  await h.scripts.pause();
  await h.telltale.resize.submit({ width: 2 });
  expect(await h.redis.llen(bell)).toBe(0);

  await h.scripts.resume();

  expect(await h.redis.llen(bell)).toBe(2);
});

test("jobs that run when their queue is paused continue, and a repeated claim still returns its jobs", async ({
  h,
}) => {
  await h.telltale.resize.submit({ width: 1 });
  const asked = { loop: "l", request: "r", room: 1, leaseMs: LEASE_MS };
  const [job] = (await h.scripts.claim(asked)).jobs;
  await h.scripts.pause();

  expect((await h.scripts.claim(asked)).jobs).toEqual([job]);
  if (job) await h.scripts.complete({ ...job, output: OUTPUT, pending: null });

  expect(await h.telltale.$engine.find.read(job?.id ?? "")).toMatchObject({ status: "completed" });
});

test("only a scheduled or retrying job can be run now", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 }, { delay: "1d" });

  await h.telltale.$engine.runNow(id);
  await h.telltale.$engine.runNow(id);
  const lease = await claimOne(h.scripts);
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });

  expect(lease.id).toBe(id);
  await expect(h.telltale.$engine.runNow(id)).rejects.toMatchObject({ code: "invalid_input" });
  await expect(h.telltale.$engine.runNow(id.replace(/.$/, "x"))).rejects.toMatchObject({ code: "not_found" });
});

test("a finished job can be removed completely, an unfinished one cannot", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await expect(h.telltale.$engine.remove(id)).rejects.toMatchObject({ code: "invalid_input" });
  await h.scripts.cancel(id);

  await h.telltale.$engine.remove(id);
  await h.telltale.$engine.remove(id);

  expect(await h.telltale.$engine.find.read(id)).toBeNull();
  expect(await h.redis.keys(`${h.prefix}:*${id}*`)).toEqual([]);
  expect(await h.redis.hget(`${h.prefix}:{resize}:meta`, "cancelled")).toBe("0");
});
