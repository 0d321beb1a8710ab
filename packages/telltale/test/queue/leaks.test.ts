import { randomBytes } from "node:crypto";
import { changeRecord, createClock } from "@telltale/testkit";
import { defineJob, defineJobs, PRIORITIES } from "telltale";
import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { z } from "zod";
import { encode } from "../../src/core/codec/codec.js";
import { silentLogger } from "../../src/core/logger.js";
import { ScheduleFiring } from "../../src/queue/schedules/schedule-firing.js";
import { claimAll, LEASE_MS, LINE, OUTPUT, test } from "./harness.js";

/** `TELLTALE_LEAK_JOBS=100000 npm test -- packages/telltale/test/queue/leaks.test.ts` for more. */
const JOBS = Number(process.env.TELLTALE_LEAK_JOBS ?? 2_000);
const ROUND = 200;
const DAY_MS = 86_400_000;

const all = defineJob("all", {
  input: z.object({ tenant: z.string(), account: z.string() }),
  progress: z.object({ part: z.int() }),
  chunk: z.object({ text: z.string() }),
  output: z.unknown(),
  errors: { broken: z.object({}) },
  limits: {
    concurrency: { key: ({ tenant }) => tenant, max: 3 },
    rate: { key: ({ account }) => account, max: 20, per: "1s" },
  },
});
const jobs = defineJobs(all);

test(`after ${JOBS} jobs with every option were drained and pruned, only the documented keys are left`, {
  timeout: 60_000 + JOBS * 20,
}, async ({ server, h }) => {
  const clock = createClock();
  const prefix = `t${randomBytes(4).toString("hex")}`;
  await using telltale = createTelltale({ jobs, redis: server.url, prefix, clock: () => clock.now() });
  await telltale.$ready();
  const scripts = telltale.$engine.scripts("all");
  const key = (name: string): string => `${prefix}:{all}:${name}`;
  const firing = new ScheduleFiring(telltale.$engine, "all", { logger: silentLogger });
  const input = (i: number) => ({ tenant: `tenant ${i % 40}`, account: `account ${i % 60}` });
  const at = <T>(list: readonly T[], i: number): T => list[i % list.length] as T;
  const unlessTaken = (error: { code?: string }): void => {
    if (error.code !== "unique_conflict" && error.code !== "idempotency_conflict") throw error;
  };

  async function submitRound(from: number): Promise<void> {
    const submits = Array.from({ length: ROUND }, async (_, n) => {
      const i = from + n;
      await telltale.all
        .submit(input(i), {
          priority: at(PRIORITIES, i),
          owner: `owner ${i % 7}`,
          tags: [`t${i % 5}`, "all"],
          ...(i % 3 === 0 ? { idempotencyKey: `k${i % 500}` } : {}),
          ...(i % 4 === 0 ? { uniqueKey: `u${i % 50}` } : {}),
          ...(i % 5 === 0 ? { delay: (i % 9) * 1_000 } : {}),
          ...(i % 6 === 0 ? { startWithin: i % 12 === 0 ? 1 : "10m" } : {}),
        })
        .catch(unlessTaken);
    });
    await Promise.all(submits);
  }

  async function settle(lease: { id: string; fence: number }, i: number): Promise<void> {
    const settling = { ...lease, pending: i % 2 === 0 ? { n: 2, progress: encode({ part: 2 }) } : null };
    await scripts.progress({ ...lease, n: 1, progress: encode({ part: 1 }) });
    if (i % 3 === 0) await scripts.chunk({ ...lease, first: 1, pieces: [encode({ text: "x" })] });
    if (i % 4 === 0) await scripts.log({ ...lease, lines: [LINE] });
    const error = (code: string) => encode({ code, message: "no" });
    switch (i % 11) {
      case 0:
        await scripts.fail({ ...settling, error: error("broken"), retryInMs: null });
        return;
      case 1:
        await scripts.fail({ ...settling, error: error("handler_error"), retryInMs: 1_000 });
        return;
      case 2:
        await scripts.release([lease]);
        return;
      case 3:
        await scripts.release([{ ...lease, delayMs: 5_000 }]);
        return;
      case 4:
        await telltale.$engine.cancel(lease.id);
        await scripts.fail({ ...settling, error: error("handler_error"), retryInMs: 0 });
        return;
      case 5:
        // Its worker is lost.
        return;
      case 6:
        await changeRecord(h.redis, key(`job:${lease.id}`), { [i % 22 === 6 ? "attempts" : "status"]: "spoilt" });
        return;
      default:
        await scripts.complete({ ...settling, output: OUTPUT });
    }
  }

  async function tend(): Promise<void> {
    await scripts.expire();
    while ((await scripts.promote()).nextDueInMs === 0);
    while ((await scripts.reclaim(LEASE_MS)).more);
    while ((await scripts.condemn()).more);
    await firing.fireDue();
  }

  await telltale.$schedules.set("often", { job: all, input: input(1), every: "1m", owner: "owner 1", tags: ["often"] });
  let settled = 0;
  const spoilt = new Set<string>();
  for (let from = 0; from < JOBS; from += ROUND) {
    await submitRound(from);
    for (let claims = 0; claims < 12; claims++) {
      for (const lease of await claimAll(scripts)) await settle(lease, settled++);
      clock.advance(3_000);
      await tend();
    }
    const { jobs: some } = await telltale.all.list({ status: "failed" }).page();
    for (const { id } of some.slice(0, 5)) await telltale.$engine.rerun(id).catch(unlessTaken);
    const { jobs: waiting } = await telltale.all.list({ status: "scheduled" }).page();
    for (const { id } of waiting.slice(0, 3)) await telltale.$engine.runNow(id);
    for (const { id } of waiting.slice(3, 6)) await telltale.$engine.cancel(id);
    const { jobs: done } = await telltale.all.list({ status: "completed" }).page();
    for (const { id } of done.slice(0, 3)) await telltale.$engine.remove(id);
    // Jobs of any status can be damaged, and must not stay in the counters.
    for (const status of ["queued", "scheduled", "retrying", "completed", "failed", "cancelled"] as const) {
      const { jobs: listed } = await telltale.all.list({ status }).page();
      for (const { id } of listed.slice(0, 2)) {
        await changeRecord(h.redis, key(`job:${id}`), { status: "spoilt" });
        spoilt.add(status);
      }
    }
  }
  await telltale.$schedules.remove("often");
  expect(spoilt.size).toBeGreaterThanOrEqual(4);

  // Drain the queue: all remaining jobs complete.
  for (let idle = 0; idle < 5; ) {
    const leases = await claimAll(scripts);
    for (const lease of leases) await scripts.complete({ ...lease, output: OUTPUT, pending: null });
    clock.advance(LEASE_MS + 1);
    await tend();
    idle = leases.length === 0 ? idle + 1 : 0;
  }
  clock.advance(8 * DAY_MS);
  while ((await scripts.prune()).more);
  for (let i = 0; i < Math.ceil(JOBS / 100) + 1; i++) await scripts.condemn();

  const left = await h.redis.keys(`${prefix}:*`);
  const staying: string[] = [];
  for (const name of left) if ((await h.redis.pttl(name)) === -1) staying.push(name);
  expect(staying.sort()).toEqual([...["meta", "history", "totals"].map(key), `${prefix}:{queues}`].sort());
  const ending = left.filter((name) => !staying.includes(name));
  expect(ending.filter((name) => !/:(idem|claim|starts|minutes|hours):/.test(name))).toEqual([]);
  const meta = await h.redis.hgetall(key("meta"));
  const { layout, clock: kept, handed, turn, worked, minute, ...counters } = meta;
  expect(
    Number(layout) * Number(kept) * Number(handed) * Number(turn) * Number(worked) * Number(minute),
  ).toBeGreaterThan(0);
  // A job that was set aside was counted under the last status in its feed.
  expect(counters).toEqual({
    ...{ scheduled: "0", queued: "0", running: "0", retrying: "0", completed: "0", failed: "0", cancelled: "0" },
  });
});
