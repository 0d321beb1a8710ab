import { randomBytes } from "node:crypto";
import { createClock, type TestClock, testRedis } from "@telltale/testkit";
import { Redis, type RedisOptions } from "ioredis";
import { defineJob, defineJobs, type Observer } from "telltale";
import { createTelltale, type Telltale } from "telltale/server";
import { test as base } from "vitest";
import { z } from "zod";
import { encode } from "../../src/core/codec/codec.js";
import { NO_LIMITS, type QueueLimits } from "../../src/queue/record/queue-limits.js";
import { type QueueRetention, retentionOf } from "../../src/queue/record/queue-retention.js";
import { queueKeys } from "../../src/queue/redis/keys.js";
import type { LeasedJob } from "../../src/queue/scripts/lifecycle/claim.js";
import { QueueScripts } from "../../src/queue/scripts/queue-scripts.js";
import type { ScriptTarget } from "../../src/queue/scripts/run-script.js";

export const resize = defineJob("resize", {
  input: z.object({ width: z.int() }),
  progress: z.object({ percent: z.int() }),
  chunk: z.object({ text: z.string() }),
  output: z.object({ bytes: z.int() }),
});
export const archive = defineJob("archive", { input: z.unknown(), output: z.unknown(), retry: { attempts: 1 } });
export const jobs = defineJobs(resize, archive);

export const LEASE_MS = 30_000;
export const OUTPUT = encode({ bytes: 7 });
/** A line of a log, as a worker sends it. */
export const LINE = { number: 1, ageMs: 0, level: "info", message: '"line"', data: "" } as const;
export const ERROR = encode({ code: "handler_error", message: "no" });

export interface Harness extends AsyncDisposable {
  readonly telltale: Telltale<typeof jobs>;
  readonly scripts: QueueScripts;
  readonly clock: TestClock;
  readonly redis: Redis;
  readonly prefix: string;
  readonly source: string | RedisOptions;
  /** The scripts of the queue `resize` with other settings. */
  scriptsWith(options: ScriptsOptions): QueueScripts;
}

/** Settings of scripts that may differ from the engine's. */
export interface ScriptsOptions {
  readonly retention?: QueueRetention;
  readonly limits?: QueueLimits;
  readonly clock?: () => number | undefined;
}

/** Creates an engine with its own prefix and clock. */
export async function harness(
  source: string | RedisOptions,
  {
    prefix = `t${randomBytes(4).toString("hex")}`,
    ...options
  }: Readonly<{ prefix?: string; positionCheckMs?: number; statsEveryMs?: number; observer?: Observer }> = {},
): Promise<Harness> {
  const clock = createClock();
  const telltale = createTelltale({ jobs, redis: source, prefix, clock: () => clock.now(), logger: false, ...options });
  await telltale.$ready();
  const redis = typeof source === "string" ? new Redis(source) : new Redis({ ...source, replyMapping: "legacy" });
  redis.on("error", () => {
    // Tests that cut connections also cut this one, and it reconnects.
  });
  return {
    telltale,
    scripts: telltale.$engine.scripts("resize"),
    clock,
    redis,
    prefix,
    source,
    scriptsWith: scriptsOn({ redis, keys: queueKeys(prefix, "resize"), clock: () => clock.now(), losses: () => 0 }),
    async [Symbol.asyncDispose]() {
      await telltale[Symbol.asyncDispose]();
      redis.disconnect();
    },
  };
}

/** Creates the scripts of the queue `resize` on a connection. */
export function scriptsOn(target: ScriptTarget): (options: ScriptsOptions) => QueueScripts {
  return ({ retention = retentionOf(jobs, "resize"), limits = NO_LIMITS, clock = target.clock }) =>
    new QueueScripts({ ...target, clock }, retention, limits);
}

/** `test` with one private server per file and one engine per test. */
export const test = base.extend<{ h: Harness; server: Awaited<ReturnType<typeof testRedis>> }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern.
    async ({}, use) => {
      await using server = await testRedis();
      await use(server);
    },
    { scope: "file" },
  ],
  h: async ({ server }, use) => {
    await using h = await harness(server.url);
    await use(h);
  },
});

let requests = 0;

/** Claims the available jobs, like a worker with its own claim loop. */
export async function claimAll(scripts: QueueScripts, room = 100): Promise<readonly LeasedJob[]> {
  requests += 1;
  return (await scripts.claim({ loop: `loop${requests}`, request: `r${requests}`, room, leaseMs: LEASE_MS })).jobs;
}

/** Claims one job, and throws if there is none. */
export async function claimOne(scripts: QueueScripts): Promise<LeasedJob> {
  const [job] = await claimAll(scripts, 1);
  if (!job) throw new Error("nothing to claim");
  return job;
}
