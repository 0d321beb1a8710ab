import { testRedis } from "@telltale/testkit";
import { Redis } from "ioredis";
import { handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker, type Worker } from "telltale/worker";
import { expect, test } from "vitest";
import { noop, noops } from "../src/contenders/telltale/contracts.js";
import { keyBytes } from "../src/measure/key-bytes.js";
import { type Traffic, trafficOf } from "../src/measure/redis-traffic.js";

// What was measured, with a little room. Lower a bound when a change lowers what it bounds. Nothing here depends on the clock: a slow
// machine counts the same commands, but for those of a worker's upkeep, once a second.
const BYTES_PER_WAITING_JOB = 265;
const BYTES_PER_FINISHED_JOB = 700;
const SUBMITTED_TOGETHER = { commands: 1.5, scriptCalls: 0.03 };
const ONE_AFTER_ANOTHER = { commands: 33, scriptCalls: 2.1 };
const HUNDRED_AT_A_TIME = { commands: 11, scriptCalls: 0.2 };

const JOBS = 1_000;

test("a submitted job takes so many commands and bytes in Redis, and no more", async () => {
  await using server = await testRedis();
  const redis = new Redis(server.url);
  await using telltale = createTelltale({ jobs: noops, redis: server.url });
  await telltale.$ready();

  const traffic = perJob(await trafficOf(redis, () => submitJobs(telltale)));
  const bytes = (await keyBytes(redis)) / JOBS;
  redis.disconnect();

  expect(traffic.commands).toBeLessThanOrEqual(SUBMITTED_TOGETHER.commands);
  expect(traffic.scriptCalls).toBeLessThanOrEqual(SUBMITTED_TOGETHER.scriptCalls);
  expect(bytes).toBeLessThanOrEqual(BYTES_PER_WAITING_JOB);
});

test.each([
  { concurrency: 1, bound: ONE_AFTER_ANOTHER },
  { concurrency: 100, bound: HUNDRED_AT_A_TIME },
])(
  "running no-op jobs, $concurrency at a time, takes so many commands and bytes in Redis, and no more",
  async ({ concurrency, bound }) => {
    await using server = await testRedis();
    const redis = new Redis(server.url);
    await using telltale = createTelltale({ jobs: noops, redis: server.url });
    await submitJobs(telltale);

    let left = JOBS;
    let worker: Worker | undefined;
    const traffic = perJob(
      await trafficOf(redis, async () => {
        await new Promise<void>((handled) => {
          const handler = handle(noop, async ({ input }) => {
            left--;
            if (left === 0) handled();
            return input;
          });
          worker = createWorker({ telltale, handlers: [handler], concurrency });
        });
        // Settles what is still running.
        await worker?.stop();
      }),
    );
    const [stats] = await telltale.$queues.list();
    const bytes = (await keyBytes(redis)) / JOBS;
    redis.disconnect();

    expect(stats?.jobs.completed).toBe(JOBS);
    expect(traffic.commands).toBeLessThanOrEqual(bound.commands);
    expect(traffic.scriptCalls).toBeLessThanOrEqual(bound.scriptCalls);
    expect(bytes).toBeLessThanOrEqual(BYTES_PER_FINISHED_JOB);
  },
);

async function submitJobs(telltale: ReturnType<typeof createTelltale<typeof noops>>): Promise<void> {
  const outcomes = await telltale.noop.submitMany(Array.from({ length: JOBS }, (_, n) => ({ input: { n } })));
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
}

function perJob({ commands, scriptCalls }: Traffic): Traffic {
  return { commands: commands / JOBS, scriptCalls: scriptCalls / JOBS };
}
