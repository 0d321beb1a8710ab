import { testRedis } from "@telltale/testkit";
import { handle } from "telltale";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anything, double } from "./contracts.js";
import { deferred, harness } from "./harness.js";

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

test("two workers on one queue run one job of a schedule per instant", async () => {
  const h = harness(redis.url);
  let runs = 0;
  const enough = deferred();
  const handler = handle(double, async ({ input }) => {
    if (++runs === 4) enough.resolve();
    return { doubled: input.n * 2 };
  });
  for (const _ of [1, 2]) h.work([handler], { telltale: harness(redis.url, h.prefix).telltale });

  const { next } = await h.telltale.$schedules.set("tick", { job: double, input: { n: 1 }, every: "1s" });
  await enough.promise;
  const instants = Math.floor((Date.now() - next.getTime()) / 1_000) + 1;

  expect(runs).toBeLessThanOrEqual(instants);
});

test("a worker fires an instant that comes before its next poll", async () => {
  const h = harness(redis.url);
  let runs = 0;
  const third = deferred();
  await h.telltale.$schedules.set("tick", { job: double, input: { n: 1 }, every: "1s" });

  const from = performance.now();
  const handler = handle(double, async () => {
    if (++runs === 3) third.resolve();
    return { doubled: 0 };
  });
  h.work([handler], { pollMs: 4_000 });
  await third.promise;

  // With three polls, it would take at least 6.4 s.
  expect(performance.now() - from).toBeLessThan(6_000);
});

test("a schedule with an input that a worker rejects is logged once, and the worker continues", async () => {
  const h = harness(redis.url);
  await h.telltale.$schedules.set("bad", { job: anything, input: { name: "n" }, every: "1s" });
  await h.telltale.$schedules.set("good", { job: anything, input: { name: "n" }, every: "1s" });
  await spoil("bad");
  const ran = deferred();
  let runs = 0;
  h.work([
    handle(anything, async () => {
      if (++runs === 2) ran.resolve();
    }),
  ]);

  await ran.promise;

  expect(h.logged.filter(({ level }) => level === "error")).toMatchObject([{ data: { schedule: "bad" } }]);

  // Makes the stored name invalid, as if the contract had changed.
  async function spoil(name: string): Promise<void> {
    const scripts = h.telltale.$engine.scripts("anything");
    const { schedules } = await scripts.readSchedules([name]);
    const [stored] = schedules;
    if (!stored) throw new Error("it was not kept");
    const definition = stored.definition.replace('\\"n\\"', "5");
    expect(definition).not.toBe(stored.definition);
    await scripts.setSchedule({ name, definition, nextMs: stored.nextMs, limit: 1_000 });
  }
});
