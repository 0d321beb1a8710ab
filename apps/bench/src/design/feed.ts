import { startRedis } from "@telltale/local-redis";
import { Redis } from "ioredis";

const JOBS = 20_000;
const ROUNDS = 7;
const IN_FLIGHT = 100;
/** The transitions of a job that succeeds at its first attempt. */
const TRANSITIONS = ["queued", "running", "completed"];

/** The script of a variant. Like a real transition, it writes the record and the feed, and then publishes. */
const write = (feed: string): string => `
local id, seq, status, line = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
redis.call('HSET', KEYS[1], 'seq', seq, 'status', status)
${feed}
redis.call('PUBLISH', 'feed:' .. id, line)`;

const VARIANTS = {
  "no feed": write(""),
  list: write("redis.call('RPUSH', KEYS[2], line)"),
  stream: write("redis.call('XADD', KEYS[2], seq .. '-0', 'e', line)"),
} as const;

type Variant = keyof typeof VARIANTS;

interface Measured {
  /** Memory of the feed's key alone. */
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Compares a feed kept as one list per job with a feed kept as one stream per job. The baseline is the same script
 * without a feed. The variants take turns on one server, so that other load on the machine affects all of them.
 */
export async function benchFeed(): Promise<void> {
  await using server = await startRedis({ appendOnly: false });
  const redis = new Redis(server.url);
  const variants: Variant[] = ["no feed", "list", "stream"];
  const runs = new Map<Variant, Measured[]>(variants.map((variant) => [variant, []]));
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      for (const variant of variants) {
        const measured = await measure(redis, variant);
        // The first round is a warm-up.
        if (round > 0) runs.get(variant)?.push(measured);
      }
    }
  } finally {
    redis.disconnect();
  }
  report(runs);
}

async function measure(redis: Redis, variant: Variant): Promise<Measured> {
  await redis.flushall();
  const sha = String(await redis.script("LOAD", VARIANTS[variant]));
  const startedAt = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let job = next++; job < JOBS; job = next++) await live(redis, { sha, job });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const seconds = (performance.now() - startedAt) / 1_000;
  return { bytes: Number((await redis.memory("USAGE", "{q}:feed:0")) ?? 0), seconds };
}

async function live(redis: Redis, { sha, job }: Readonly<{ sha: string; job: number }>): Promise<void> {
  for (const [i, status] of TRANSITIONS.entries()) {
    const line = `t\n${i + 1}\n${1_795_585_173_090 + i}\n${status}\n1\n1\n`;
    await redis.evalsha(sha, 2, `{q}:job:${job}`, `{q}:feed:${job}`, String(job), i + 1, status, line);
  }
}

function report(runs: ReadonlyMap<Variant, readonly Measured[]>): void {
  const floor = median(runs.get("no feed")?.map(({ seconds }) => seconds) ?? []);
  console.log(`${JOBS} jobs, ${TRANSITIONS.length} transitions each, ${ROUNDS} rounds; medians (minimum to maximum)\n`);
  console.log("variant    bytes of a job's feed   time (no feed = 1)");
  for (const [variant, measured] of runs) {
    const times = measured.map(({ seconds }) => seconds / floor);
    const bytes = median(measured.map((one) => one.bytes));
    const spread = `(${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)})`;
    console.log(`${variant.padEnd(10)} ${String(bytes).padStart(21)}   ${median(times).toFixed(2)} ${spread}`);
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
