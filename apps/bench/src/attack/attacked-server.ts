import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { spawnProcess, testRedis } from "@telltale/testkit";
import { HonestCaller, type Waits } from "./honest-caller.js";

// Another checkout's server can be attacked, to compare two versions.
const SERVER = process.env.ATTACKED_SERVER ?? fileURLToPath(new URL("../../../server/src/main.ts", import.meta.url));
const CALM_MS = 2_000;
const MEMORY_EVERY_MS = 50;

/** What an attack aims at. */
export interface Target {
  readonly port: number;
  readonly redisUrl: string;
  /** Ends the attack. */
  readonly signal: AbortSignal;
  /** Called once the attack is under way. Then the honest caller arrives, and the time of the attack starts. */
  readonly underWay: () => void;
}

/**
 * Runs an attack on the reference server, with a private Redis, and prints the server's memory and the waits of an
 * honest caller with another address and another account. The attack returns what it wants to add to the report.
 */
export async function attack(forMs: number, run: (target: Target) => Promise<string>): Promise<void> {
  await using redis = await testRedis();
  await using server = await spawnProcess(SERVER, {
    env: { REDIS_URL: redis.url, PORT: "0", LOG_LEVEL: "info" },
  });
  const { url } = JSON.parse(await server.line(/server ready/, { timeoutMs: 30_000 }));
  const port = Number(new URL(url).port);
  const honest = new HonestCaller(port);
  const calm = await honest.callFor(CALM_MS);
  const startedWith = memoryOf(server.pid);

  const ending = new AbortController();
  let peak = startedWith;
  const watch = setInterval(() => {
    peak = Math.max(peak, memoryOf(server.pid));
  }, MEMORY_EVERY_MS);
  const { report, beside } = await new Promise<{ report: string; beside: Waits }>((resolve, reject) => {
    const underWay = async (): Promise<void> => {
      const beside = await honest.callFor(forMs);
      ending.abort();
      resolve({ report: await attacking, beside });
    };
    const attacking = run({
      port,
      redisUrl: redis.url,
      signal: ending.signal,
      underWay: () => void underWay().catch(reject),
    });
    attacking.catch(reject);
  });
  clearInterval(watch);

  console.log(`  attack: ${report}`);
  console.log(`  server's memory: ${startedWith} MB before, ${peak} MB at most`);
  console.log(`  an honest caller's submits before:  ${told(calm)}`);
  console.log(`  an honest caller's submits beside:  ${told(beside)}`);
}

function told({ ms, refused }: Waits): string {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (part: number): string => `${Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? 0)} ms`;
  const answers = `${ms.length} answered, p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`;
  const others = Object.entries(refused).map(([status, count]) => `${count} x ${status}`);
  return others.length > 0 ? `${answers}; not answered: ${others.join(", ")}` : answers;
}

// Resident memory, from Linux's /proc.
function memoryOf(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Math.round(Number(kilobytes ?? 0) / 1_024);
  } catch {
    return 0;
  }
}
