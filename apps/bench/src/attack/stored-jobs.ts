import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { spawnProcess } from "@telltale/testkit";
import { Redis } from "ioredis";
import { accountOf } from "./account.js";
import { attack } from "./attacked-server.js";

const WORKER = process.env.ATTACKED_WORKER ?? fileURLToPath(new URL("../../../worker/src/main.ts", import.meta.url));
const YEAR_MS = 365 * 86_400_000;
const BATCH = 15;
const PROGRAMS = 6_000;
const GIVE_UP_MS = 90_000;
const SOURCE = "const solve = ([a, b]) => a + b;";

/** One address stores inputs of 60 kB that start as late as the server permits, with a new account for each call. */
export function attackWithStorage(): Promise<void> {
  return attack(10_000, async ({ port, redisUrl, signal, underWay }) => {
    const redis = new Redis(redisUrl);
    const before = await usedMemory(redis);
    underWay();
    const delayMs = await longestDelay(port);
    const source = `${SOURCE}//${"x".repeat(60_000)}`;
    let stored = 0;
    let calls = 0;
    const submitters = Array.from({ length: 8 }, async () => {
      while (!signal.aborted) {
        calls += 1;
        const count = await submitMany(port, accountOf(`attacker ${calls}`), BATCH, { source, delayMs });
        stored += count;
      }
    });
    await Promise.all(submitters);
    const mb = Math.round(((await usedMemory(redis)) - before) / 1_048_576);
    redis.disconnect();
    return `${stored} jobs stored for ${Math.round(delayMs / 86_400_000)} days; Redis has ${mb} MB more`;
  });
}

/** One caller submits 6,000 programs of the highest permitted priority. Then another one submits a program and waits for it. */
export function attackWithPrograms(): Promise<void> {
  return attack(1_000, async ({ port, redisUrl, underWay }) => {
    await using worker = await spawnProcess(WORKER, { env: { REDIS_URL: redisUrl, LOG_LEVEL: "info" } });
    await worker.line(/worker ready/, { timeoutMs: 30_000 });
    const priority = await highestPriority(port);
    const attacker = accountOf("attacker");
    let stored = 0;
    const batches = Array.from({ length: PROGRAMS / BATCH / 20 }, () => 20);
    for (const parallel of batches) {
      const counts = Array.from({ length: parallel }, () =>
        submitMany(port, attacker, BATCH, { source: SOURCE, priority }),
      );
      for (const count of await Promise.all(counts)) stored += count;
    }
    const waitedMs = await timeOfHonestJob(port, priority);
    underWay();
    const waited = waitedMs === null ? `more than ${GIVE_UP_MS / 1_000} s` : `${Math.round(waitedMs)} ms`;
    return `${stored} programs with priority ${priority}; another caller's program took ${waited}`;
  });
}

async function submitMany(
  port: number,
  account: string,
  count: number,
  { source, ...options }: Readonly<{ source: string; delayMs?: number; priority?: string }>,
): Promise<number> {
  const one = { kind: "judge", input: { problem: "sum", language: "javascript", source }, options };
  const reply = await call(port, "submitMany", { account, body: Array.from({ length: count }, () => one) });
  return Array.isArray(reply) ? reply.filter((item) => "id" in item).length : 0;
}

async function longestDelay(port: number): Promise<number> {
  const tried = [9.9 * YEAR_MS, 30 * 86_400_000];
  for (const delayMs of tried) {
    if ((await submitMany(port, accountOf("attacker"), 1, { source: SOURCE, delayMs })) > 0) return delayMs;
  }
  return 0;
}

async function highestPriority(port: number): Promise<string> {
  for (const priority of ["urgent", "high"]) {
    if ((await submitMany(port, accountOf("attacker"), 1, { source: SOURCE, priority })) > 0) return priority;
  }
  return "normal";
}

async function timeOfHonestJob(port: number, priority: string): Promise<number | null> {
  const from = { account: accountOf("honest"), localAddress: "127.0.0.2" };
  const input = { problem: "sum", language: "javascript", source: SOURCE };
  const startedAt = performance.now();
  const { id } = await call(port, "submit", { ...from, body: { kind: "judge", input, options: { priority } } });
  while (performance.now() - startedAt < GIVE_UP_MS) {
    const { status } = await call(port, `get?input=${encodeURIComponent(JSON.stringify({ json: { id } }))}`, from);
    if (status === "completed") return performance.now() - startedAt;
    await sleep(20);
  }
  return null;
}

interface Call {
  readonly account: string;
  readonly localAddress?: string;
  /** For a mutation. */
  readonly body?: unknown;
}

// Returns tRPC's data, or an empty object for an error.
async function call(port: number, path: string, { account, localAddress, body }: Call) {
  const req = request({
    ...{ port, localAddress, host: "127.0.0.1", path: `/trpc/${path}`, method: body === undefined ? "GET" : "POST" },
    headers: { "content-type": "application/json", authorization: `Bearer ${account}` },
  });
  req.end(body === undefined ? undefined : JSON.stringify({ json: body }));
  const [res] = await once(req, "response");
  return JSON.parse(await text(res)).result?.data?.json ?? {};
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
}
