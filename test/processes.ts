import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type SpawnedProcess, spawnBundled, testRedis } from "@telltale/testkit";

const ROOT = new URL("../", import.meta.url);

/** The reference application as processes on a private Redis. */
export interface Processes extends AsyncDisposable {
  readonly redis: Awaited<ReturnType<typeof testRedis>>;
  readonly server: SpawnedProcess;
  readonly workers: readonly SpawnedProcess[];
  readonly url: string;
  readonly port: number;
}

/** Starts a server and workers. Leases are short, so that a dead worker is detected soon. */
export async function startProcesses(
  options: Readonly<{ workers: number; env?: Readonly<Record<string, string>> }>,
): Promise<Processes> {
  const redis = await testRedis();
  const env = {
    REDIS_URL: redis.url,
    PORT: "0",
    LOG_LEVEL: "debug",
    LEASE_MS: "1500",
    CONCURRENCY: "1",
    ...options.env,
  };
  const children: SpawnedProcess[] = [];
  const spawn = async (name: "server" | "worker"): Promise<SpawnedProcess> => {
    const child = await spawnBundled(appPath(name), { env });
    children.push(child);
    return child;
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.stop()));
    await redis.stop();
  };
  try {
    const server = await spawn("server");
    const workers = await Promise.all(Array.from({ length: options.workers }, () => spawn("worker")));
    await Promise.all(workers.map((worker) => worker.line(/worker ready/, { timeoutMs: 20_000 })));
    const url = /"url":"([^"]+)"/.exec(await server.line(/server ready/))?.[1] ?? "";
    return { redis, server, workers, url, port: Number(new URL(url).port), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The entry file of an application. */
export function appPath(name: "server" | "worker"): string {
  return fileURLToPath(new URL(`apps/${name}/src/main.ts`, ROOT));
}

/** A program of `examples/submissions/` as input for `submit`. */
export function submission(name: string): { problem: string; language: "javascript"; source: string } {
  const source = readFileSync(new URL(`examples/submissions/${name}.js`, ROOT), "utf8");
  const [, problem = ""] = /^\/\/ problem: (\S+)/.exec(source) ?? [];
  return { problem, language: "javascript", source };
}
