import { waitFor } from "@telltale/testkit";
import { expect } from "vitest";
import { claimAll, claimOne, ERROR, OUTPUT, test } from "./harness.js";

test("a waiting job is cancelled at once and never claimed", async ({ h }) => {
  const now = await h.telltale.resize.submit({ width: 1 });
  const later = await h.telltale.resize.submit({ width: 1 }, { delay: "1m" });

  expect(await now.cancel()).toBe("cancelled");
  expect(await later.cancel()).toBe("cancelled");

  h.clock.advance(60_000);
  await h.scripts.promote();
  expect(await claimAll(h.scripts)).toEqual([]);
  expect(await now.result()).toEqual({ ok: false, status: "cancelled" });
});

test("a job that waits for a retry is cancelled at once", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  await h.scripts.fail({ ...(await claimOne(h.scripts)), error: ERROR, retryInMs: 1_000, pending: null });

  expect(await job.cancel()).toBe("cancelled");
  expect(await h.scripts.promote()).toEqual({ promoted: 0, nextDueInMs: null });
});

test("the worker of a running job receives the cancel request, and watchers see it", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const { fence } = await claimOne(h.scripts);
  const heard: [string, number][] = [];
  const listening = h.telltale.$engine.hub.onCancel(
    h.telltale.$engine.keys("resize"),
    (...told) => void heard.push(told),
  );
  await listening.acknowledged;

  expect(await job.cancel()).toBe("requested");
  expect(await job.cancel()).toBe("requested");

  await waitFor(() => heard.length > 0);
  listening.close();
  listening.close();
  expect(heard).toEqual([[job.id, fence]]);
  for await (const event of job.watch()) if (event.cancelRequested) break;
});

test("a repeated cancel returns its first reply, and a later cancel by another caller is too late", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });

  expect(await h.scripts.cancel(id, "r1")).toBe("cancelled");
  expect(await h.scripts.cancel(id, "r1")).toBe("cancelled");
  expect(await h.scripts.cancel(id, "r2")).toBe("already_finished");
});

test("a cancel that comes too late returns already_finished and changes nothing", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });
  const before = await h.telltale.$engine.find.read(job.id);

  expect(await job.cancel()).toBe("already_finished");
  expect(await h.telltale.$engine.find.read(job.id)).toEqual(before);
});

test("an unknown job, an id of another kind and an invalid id cannot be cancelled", async ({ h }) => {
  for (const id of [`resize_${"0".repeat(32)}`, `other_${"0".repeat(32)}`, "x", "*", ""]) {
    await expect(async () => h.telltale.$engine.cancel(id)).rejects.toMatchObject({ code: "not_found" });
  }
});
