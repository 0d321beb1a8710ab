import { randomBytes } from "node:crypto";
import { createClock, type TestClock } from "@telltale/testkit";
import { defineJob, defineJobs, defineQueue } from "telltale";
import { createTelltale, type Telltale } from "telltale/server";
import { describe, expect } from "vitest";
import { z } from "zod";
import type { QueueScripts } from "../../src/queue/scripts/queue-scripts.js";
import { test as base, claimAll, LEASE_MS, OUTPUT } from "./harness.js";

const ofTenant = z.object({ tenant: z.string(), account: z.string().default("main") });
const contract = { input: ofTenant, output: z.unknown() };
const render = defineJob("render", {
  ...contract,
  limits: { concurrency: { key: ({ tenant }) => tenant, max: 2 } },
});
const mail = defineJob("mail", {
  ...contract,
  limits: { rate: { key: ({ tenant }) => tenant, max: 3, per: "10s" } },
});
const both = defineJob("both", {
  ...contract,
  limits: {
    concurrency: { key: ({ tenant }) => tenant, max: 1 },
    rate: { key: ({ account }) => account, max: 1, per: "10s" },
  },
});
const mixed = defineQueue("mixed");
const limited = defineJob("limited", {
  ...contract,
  queue: mixed,
  limits: { concurrency: { key: ({ tenant }) => tenant, max: 1 } },
});
const plain = defineJob("plain", { ...contract, queue: mixed });
const jobs = defineJobs(render, mail, both, limited, plain);

interface Limited {
  readonly telltale: Telltale<typeof jobs>;
  readonly clock: TestClock;
  readonly key: (queue: string, name: string) => string;
  scripts(queue: string): QueueScripts;
}

const test = base.extend<{ on: Limited }>({
  on: async ({ server }, use) => {
    const clock = createClock();
    const prefix = `t${randomBytes(4).toString("hex")}`;
    await using telltale = createTelltale({ jobs, redis: server.url, prefix, clock: () => clock.now() });
    await telltale.$ready();
    await use({
      telltale,
      clock,
      scripts: (queue) => telltale.$engine.scripts(queue),
      key: (queue, name) => `${prefix}:{${queue}}:${name}`,
    });
  },
});

/** Claims until no job may start. Returns the tenants of the inputs in the order of the claims. */
async function claimTenants(scripts: QueueScripts): Promise<string[]> {
  const tenants: string[] = [];
  for (;;) {
    const claimed = await claimAll(scripts);
    if (claimed.length === 0) return tenants;
    for (const { input } of claimed) tenants.push(JSON.parse(input).json.tenant);
  }
}

describe("concurrency per key", () => {
  test("no key has more running jobs than its limit, and waiting jobs start as slots are freed", async ({ on }) => {
    for (let i = 0; i < 4; i++) await on.telltale.render.submit({ tenant: "a" });
    await on.telltale.render.submit({ tenant: "b" });
    const scripts = on.scripts("render");

    expect((await claimTenants(scripts)).sort()).toEqual(["a", "a", "b"]);
    expect(await claimTenants(scripts)).toEqual([]);
  });

  test.for([
    [
      "completed",
      (scripts: QueueScripts, lease: { id: string; fence: number }) =>
        scripts.complete({ ...lease, output: OUTPUT, pending: null }),
    ],
    ["released", (scripts: QueueScripts, lease: { id: string; fence: number }) => scripts.release([lease])],
    [
      "failed without a retry",
      (scripts: QueueScripts, lease: { id: string; fence: number }) =>
        scripts.fail({ ...lease, error: OUTPUT, retryInMs: null, pending: null }),
    ],
    [
      "failed and waiting to retry",
      (scripts: QueueScripts, lease: { id: string; fence: number }) =>
        scripts.fail({ ...lease, error: OUTPUT, retryInMs: 60_000, pending: null }),
    ],
  ] as const)("a job that is %s frees its slot and wakes idle workers", async ([, settle], { on, h }) => {
    for (let i = 0; i < 3; i++) await on.telltale.render.submit({ tenant: "a" });
    const scripts = on.scripts("render");
    const [lease] = await claimAll(scripts);
    await claimAll(scripts);
    expect(await claimAll(scripts)).toEqual([]);
    expect(await h.redis.llen(on.key("render", "bell"))).toBe(0);

    if (lease) await settle(scripts, lease);

    expect(await h.redis.llen(on.key("render", "bell"))).toBeGreaterThan(0);
    expect(await claimAll(scripts)).toHaveLength(1);
    expect(await claimAll(scripts)).toEqual([]);
  });

  test("the slots of a lost worker are freed when its leases are reclaimed", async ({ on }) => {
    for (let i = 0; i < 3; i++) await on.telltale.render.submit({ tenant: "a" });
    const scripts = on.scripts("render");
    await claimTenants(scripts);

    on.clock.advance(LEASE_MS + 1);
    await scripts.reclaim(LEASE_MS);

    expect(await claimAll(scripts)).toHaveLength(1);
  });

  test("a slot whose job is no longer leased, for any reason, is freed within half a minute", async ({ on, h }) => {
    for (let i = 0; i < 3; i++) await on.telltale.render.submit({ tenant: "a" });
    const scripts = on.scripts("render");
    const [lost] = await claimAll(scripts);
    await claimTenants(scripts);
    await h.redis.del(on.key("render", `job:${lost?.id}`));
    await h.redis.zrem(on.key("render", "leases"), lost?.id ?? "");

    on.clock.advance(30_000);
    await scripts.promote();

    expect(await claimAll(scripts)).toHaveLength(1);
    expect(await claimAll(scripts)).toEqual([]);
  });

  test("thousands of jobs of one tenant do not delay the first job of another", async ({ on }) => {
    await Promise.all(Array.from({ length: 2_000 }, () => on.telltale.mail.submit({ tenant: "big" })));
    await on.telltale.mail.submit({ tenant: "small" });

    const first = await claimAll(on.scripts("mail"), 4);

    expect(first.map(({ input }) => JSON.parse(input).json.tenant)).toContain("small");
  });

  test("keys take turns", async ({ on }) => {
    for (const tenant of ["a", "a", "a", "b", "b", "c"]) await on.telltale.mail.submit({ tenant });

    expect(await claimTenants(on.scripts("mail"))).toEqual(["a", "b", "c", "a", "b", "a"]);
  });

  test("a kind without limits is not delayed by a kind with limits in the same queue", async ({ on }) => {
    for (let i = 0; i < 5; i++) await on.telltale.limited.submit({ tenant: "a" });
    for (let i = 0; i < 3; i++) await on.telltale.plain.submit({ tenant: "free" });

    expect((await claimTenants(on.scripts("mixed"))).sort()).toEqual(["a", "free", "free", "free"]);
  });

  test("low-priority jobs with and without keys take turns while other jobs never run out", async ({ on }) => {
    for (let i = 0; i < 20; i++) {
      await on.telltale.limited.submit({ tenant: `${i}` }, { priority: "low" });
      await on.telltale.plain.submit({ tenant: "low" }, { priority: "low" });
    }
    const scripts = on.scripts("mixed");

    const handed: string[] = [];
    for (let i = 0; i < 64; i++) {
      await on.telltale.plain.submit({ tenant: "normal" });
      for (const lease of await claimAll(scripts, 1)) {
        handed.push(JSON.parse(lease.input).json.tenant);
        await scripts.complete({ ...lease, output: OUTPUT, pending: null });
      }
    }

    expect(handed.filter((tenant) => tenant === "normal")).toHaveLength(60);
    expect(handed.filter((tenant) => tenant === "low")).toHaveLength(2);
  });

  test("urgent jobs of a key start before its normal ones", async ({ on }) => {
    await on.telltale.render.submit({ tenant: "a" });
    const urgent = await on.telltale.render.submit({ tenant: "a" }, { priority: "urgent" });

    const [first] = await claimAll(on.scripts("render"), 1);

    expect(first?.id).toBe(urgent.id);
  });

  test("a job that is cancelled while its key is busy does not delay the next job", async ({ on }) => {
    const scripts = on.scripts("mixed");
    await on.telltale.limited.submit({ tenant: "a" });
    const [running] = await claimAll(scripts);
    const waiting = await on.telltale.limited.submit({ tenant: "a" });
    const next = await on.telltale.limited.submit({ tenant: "a" });
    expect(await claimAll(scripts)).toEqual([]);
    await waiting.cancel();

    await scripts.complete({ ...(running ?? { id: "", fence: 0 }), output: OUTPUT, pending: null });

    expect((await claimAll(scripts)).map(({ id }) => id)).toEqual([next.id]);
  });
});

describe("rate per key", () => {
  test("no window holds more starts than the limit, and a claim returns when the next start is allowed", async ({
    on,
  }) => {
    for (let i = 0; i < 5; i++) await on.telltale.mail.submit({ tenant: "a" });
    const scripts = on.scripts("mail");
    expect(await claimTenants(scripts)).toHaveLength(3);
    on.clock.advance(4_000);
    const { nextDueInMs } = await scripts.claim({ loop: "x", request: "1", room: 10, leaseMs: LEASE_MS });
    expect(nextDueInMs).toBe(6_000);

    on.clock.advance(5_999);
    await scripts.promote();
    expect(await claimTenants(scripts)).toEqual([]);
    on.clock.advance(1);
    await scripts.promote();

    expect(await claimTenants(scripts)).toHaveLength(2);
  });

  test("a clock that goes back an hour does not block a key for an hour", async ({ on }) => {
    for (let i = 0; i < 6; i++) await on.telltale.mail.submit({ tenant: "a" });
    const scripts = on.scripts("mail");
    expect(await claimTenants(scripts)).toHaveLength(3);

    on.clock.advance(-3_600_000);
    await scripts.promote();

    expect(await claimTenants(scripts)).toHaveLength(3);
  });
});

test("both keys of a job are respected, and a slot that one group cannot use goes to another", async ({ on }) => {
  const scripts = on.scripts("both");
  await on.telltale.both.submit({ tenant: "t", account: "x" });
  await on.telltale.both.submit({ tenant: "t", account: "x" });
  await on.telltale.both.submit({ tenant: "t", account: "y" });
  const [first] = await claimAll(scripts);
  expect(await claimAll(scripts)).toEqual([]);

  await scripts.complete({ ...(first ?? { id: "", fence: 0 }), output: OUTPUT, pending: null });
  const accounts = (await claimAll(scripts)).map(({ input }) => JSON.parse(input).json.account);

  expect(accounts).toEqual(["y"]);
});

test("a limit applies to a key with any characters", async ({ on }) => {
  for (const tenant of ["{x}", "a\r\nb", "*", "\ud800", "é".repeat(500), "", "__proto__"]) {
    for (let i = 0; i < 3; i++) await on.telltale.render.submit({ tenant });
  }

  expect(await claimTenants(on.scripts("render"))).toHaveLength(14);
});

test("after all jobs are done and pruned, no data of the keys is left", async ({ on, h }) => {
  for (let i = 0; i < 9; i++) await on.telltale.both.submit({ tenant: `t${i % 3}`, account: `a${i % 4}` });
  const scripts = on.scripts("both");
  for (let round = 0; round < 40; round++) {
    for (const lease of await claimAll(scripts)) await scripts.complete({ ...lease, output: OUTPUT, pending: null });
    on.clock.advance(10_000);
    await scripts.promote();
  }
  on.clock.advance(25 * 3_600_000);
  await scripts.prune();

  const left = await h.redis.keys(on.key("both", "*"));

  // Times of starts and the records of claim loops expire.
  const staying = [];
  for (const name of left) if ((await h.redis.pttl(name)) === -1) staying.push(name);
  expect(staying.sort()).toEqual(["history", "meta"].map((name) => on.key("both", name)));
});
