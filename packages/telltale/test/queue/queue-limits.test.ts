import { randomBytes } from "node:crypto";
import { createClock, type TestClock } from "@telltale/testkit";
import { defineJob, defineJobs, defineQueue } from "telltale";
import { createTelltale, type Telltale } from "telltale/server";
import { describe, expect } from "vitest";
import { z } from "zod";
import type { QueueScripts } from "../../src/queue/scripts/queue-scripts.js";
import { test as base, claimAll, ERROR, LEASE_MS, OUTPUT } from "./harness.js";

const contract = { input: z.object({}), output: z.unknown() };
const few = defineJob("few", { ...contract, queue: defineQueue("few", { concurrency: 2 }) });
const slow = defineJob("slow", { ...contract, queue: defineQueue("slow", { rate: { max: 3, per: "1s" } }) });
const short = defineJob("short", { ...contract, queue: defineQueue("short", { maxWaiting: 3 }) });
const jobs = defineJobs(few, slow, short);

interface Limited {
  readonly telltale: Telltale<typeof jobs>;
  readonly clock: TestClock;
  scripts(queue: string): QueueScripts;
  bell(queue: string): Promise<number>;
}

const test = base.extend<{ on: Limited }>({
  on: async ({ server, h }, use) => {
    const clock = createClock();
    const prefix = `t${randomBytes(4).toString("hex")}`;
    await using telltale = createTelltale({ jobs, redis: server.url, prefix, clock: () => clock.now() });
    await telltale.$ready();
    await use({
      telltale,
      clock,
      scripts: (queue) => telltale.$engine.scripts(queue),
      bell: (queue) => h.redis.llen(`${prefix}:{${queue}}:bell`),
    });
  },
});

async function submit({ telltale }: Limited, kind: "few" | "slow" | "short", count: number): Promise<void> {
  for (let i = 0; i < count; i++) await telltale[kind].submit({});
}

describe("concurrency of a queue", () => {
  test("all workers together run no more jobs than the limit, and claims report that no more can start for now", async ({
    on,
  }) => {
    await submit(on, "few", 5);
    const scripts = on.scripts("few");

    expect([...(await claimAll(scripts, 1)), ...(await claimAll(scripts, 1))]).toHaveLength(2);
    expect(await scripts.claim({ loop: "z", request: "1", room: 5, leaseMs: LEASE_MS })).toMatchObject({
      jobs: [],
      more: false,
    });
  });

  test("a freed slot wakes an idle worker", async ({ on }) => {
    await submit(on, "few", 9);
    const scripts = on.scripts("few");
    const leases = [...(await claimAll(scripts)), ...(await claimAll(scripts)), ...(await claimAll(scripts))];
    expect(leases).toHaveLength(2);
    expect(await on.bell("few")).toBe(0);

    for (const lease of leases) await scripts.complete({ ...lease, output: OUTPUT, pending: null });

    expect(await on.bell("few")).toBeGreaterThan(0);
    expect(await claimAll(scripts)).toHaveLength(2);
  });

  test("a full queue without waiting jobs wakes no worker", async ({ on }) => {
    await submit(on, "few", 2);
    const scripts = on.scripts("few");
    const [lease] = [...(await claimAll(scripts)), ...(await claimAll(scripts))];
    expect(await claimAll(scripts)).toEqual([]);

    await scripts.complete({ ...(lease ?? { id: "", fence: 0 }), output: OUTPUT, pending: null });

    expect(await on.bell("few")).toBe(0);
  });
});

describe("rate of a queue", () => {
  test("no window holds more starts than the limit, retries included", async ({ on }) => {
    await submit(on, "slow", 30);
    const scripts = on.scripts("slow");
    const claim = (request: string): ReturnType<QueueScripts["claim"]> =>
      scripts.claim({ loop: "z", request, room: 50, leaseMs: LEASE_MS });
    const first = await claim("1");
    expect(first).toMatchObject({ more: false, nextDueInMs: 1_000 });
    expect(first.jobs).toHaveLength(3);
    for (const lease of first.jobs) await scripts.fail({ ...lease, error: ERROR, retryInMs: 100, pending: null });

    on.clock.advance(999);
    await scripts.promote();
    expect(await claim("2")).toMatchObject({ jobs: [], nextDueInMs: 1 });
    on.clock.advance(1);

    expect((await claim("3")).jobs).toHaveLength(3);
  });
});

describe("maxWaiting", () => {
  test("one job over the limit is rejected with queue_full and not stored, but repeats of existing jobs still get their reply", async ({
    on,
  }) => {
    await submit(on, "short", 1);
    await on.telltale.short.submit({}, { delay: "1h" });
    const known = await on.telltale.short.submit({}, { idempotencyKey: "k" });

    await expect(on.telltale.short.submit({}, { idempotencyKey: "other" })).rejects.toMatchObject({
      code: "queue_full",
    });
    expect((await on.telltale.short.submit({}, { idempotencyKey: "k" })).id).toBe(known.id);

    await claimAll(on.scripts("short"), 1);
    await on.telltale.short.submit({}, { idempotencyKey: "other" });
  });

  test("a call with many jobs stores those that fit", async ({ on }) => {
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => on.telltale.short.submit({})));

    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
  });
});

test("two contracts with different limits for one queue are rejected", () => {
  const other = defineJob("other", { ...contract, queue: defineQueue("few", { concurrency: 3 }) });

  expect(() => defineJobs(few, other)).toThrow(expect.objectContaining({ code: "invalid_config" }));
});

test.for([
  { concurrency: 0 },
  { concurrency: 1.5 },
  { maxWaiting: -1 },
  { maxWaiting: Number.NaN },
  { rate: { max: 0, per: "1s" as const } },
  { rate: { max: 10_001, per: "1s" as const } },
  { rate: { max: 1, per: "25h" as const } },
  { rate: { max: 1, per: 0 } },
])("an invalid limit is rejected: %o", (spec) => {
  expect(() => defineQueue("q", spec)).toThrow(expect.objectContaining({ code: "invalid_config" }));
});
