import { handle } from "@telltale/core";
import { testRedis, waitFor } from "@telltale/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anything } from "./contracts.js";
import { deferred, harness, tellRedis } from "./harness.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

test("the last report of progress is seen before the job is completed, however short it ran", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(anything, async ({ progress }) => {
      for (let step = 1; step <= 1_000; step++) progress({ step });
    }),
  ]);

  const job = await telltale.anything.submit({}, { delay: "100ms" });
  const steps: unknown[] = [];
  for await (const event of job.watch()) if (event.status === "running") steps.push(event.progress?.step);

  expect(steps.at(-1)).toBe(1_000);
  expect(steps.length).toBeLessThan(10);
});

test("progress is seen while the handler runs", async () => {
  const { telltale, work } = harness(redis.url);
  const seen = deferred();
  work([
    handle(anything, async ({ progress }) => {
      progress({ step: 7 });
      await seen.promise;
    }),
  ]);

  const job = await telltale.anything.submit({});
  for await (const event of job.watch()) if (event.status === "running" && event.progress?.step === 7) seen.resolve();

  expect(await job.result()).toMatchObject({ ok: true });
});

test("a report that does not fit its contract, or is too large, is dropped and the job goes on", async () => {
  const { telltale, work, logged } = harness(redis.url);
  work([
    handle(anything, async ({ progress }) => {
      // @ts-expect-error the contract wants a number
      progress({ step: "seven" });
    }),
  ]);

  const job = await telltale.anything.submit({});

  expect(await job.result()).toMatchObject({ ok: true });
  expect(logged).toContainEqual(expect.objectContaining({ message: "a progress report was dropped" }));
});

test("chunks arrive complete and in order", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(anything, async ({ chunk }) => {
      for (let i = 0; i < 1_000; i++) {
        chunk({ text: `${i}${"x".repeat(i % 400)}` });
        if (i % 100 === 0) await new Promise(setImmediate);
      }
    }),
  ]);

  const job = await telltale.anything.submit({});
  const numbers: number[] = [];
  for await (const piece of job.chunks()) numbers.push(Number.parseInt(piece.data?.text ?? "", 10));

  expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
});

test("output past a megabyte is cut off with a mark, and the job completes", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(anything, async ({ chunk }) => {
      for (let i = 0; i < 300; i++) chunk({ text: "y".repeat(10_000) });
    }),
  ]);

  const job = await telltale.anything.submit({});
  const pieces = [];
  for await (const piece of job.chunks()) pieces.push(piece);

  expect(pieces.length).toBeGreaterThan(100);
  expect(pieces.length).toBeLessThan(106);
  expect(pieces.at(-1)).toMatchObject({ truncated: true });
  expect(pieces.slice(0, -1).every(({ truncated }) => !truncated)).toBe(true);
  expect(await job.result()).toMatchObject({ ok: true });
});

test("a piece that does not fit its contract leaves a mark in the stream", async () => {
  const { telltale, work } = harness(redis.url);
  work([
    handle(anything, async ({ chunk }) => {
      chunk({ text: "before" });
      chunk({ text: "z".repeat(20_000) });
      chunk({ text: "after" });
    }),
  ]);

  const job = await telltale.anything.submit({});
  const pieces: unknown[] = [];
  for await (const piece of job.chunks()) pieces.push(piece.truncated ? "mark" : piece.data.text);

  expect(pieces).toEqual(["before", "mark", "after"]);
});

test("a full Redis drops chunks, and the job completes all the same", async () => {
  const full = await testRedis();
  await using _ = full;
  const { telltale, work } = harness(full.url);
  const isFull = deferred();
  work([
    handle(anything, async ({ chunk, progress }) => {
      progress({ step: 1 });
      await isFull.promise;
      for (let i = 0; i < 20; i++) chunk({ text: String(i) });
      progress({ step: 2 });
      return "done";
    }),
  ]);
  const job = await telltale.anything.submit({});
  await waitFor(async () => (await telltale.$engine.read(job.id))?.progress !== null, { what: "the first report" });

  await tellRedis(full.socketPath, "CONFIG SET maxmemory 1mb");
  isFull.resolve();

  expect(await job.output()).toBe("done");
});
