import { fileURLToPath } from "node:url";
import { Child } from "./child.js";
import { type KeptRedis, keepRedis } from "./kept-redis.js";

/** What a stack is made of. */
export interface StackOptions {
  readonly workers: number;
  /** 0 takes a free one. */
  readonly port: number;
  /** Keeps Redis's data between runs; without it they go with the stack. Unused where REDIS_URL names a server. */
  readonly dataDir?: string;
  readonly watch?: boolean;
  /** Added to the environment of every child. */
  readonly env?: NodeJS.ProcessEnv;
  /** Added to the environment of the server alone. */
  readonly serverEnv?: NodeJS.ProcessEnv;
  /** What the stack is doing, for people. */
  readonly onStep: (text: string) => void;
  /** Each line a child prints. */
  readonly onLine: (line: string) => void;
}

/** A running stack: Redis, one server, some workers. */
export interface Stack extends AsyncDisposable {
  /** Where the server listens, e.g. http://127.0.0.1:3000 */
  readonly url: string;
  readonly port: number;
  readonly redisUrl: string;
  readonly workers: readonly Child[];
  /** Stops the workers, which drain, then the server, then Redis. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts everything the reference application needs, each part as a process of its own. Nothing is left on a failure. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { onStep, onLine, watch = false } = options;
  const running: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const part of running.splice(0).reverse()) await part.stop();
  };
  try {
    const redisUrl = await redis(options, (part) => running.push(part));
    const env = { ...process.env, ...options.env, REDIS_URL: redisUrl };

    const server = new Child({
      name: "server",
      script: app("server"),
      env: { ...env, ...options.serverEnv, PORT: String(options.port) },
      watch,
      onLine,
    });
    running.push(server);
    const url = String((await server.start()).url);
    onStep(`Server at ${url}`);

    const workers = Array.from(
      { length: options.workers },
      (_, i) => new Child({ name: `worker ${i + 1}`, script: app("worker"), env, watch, onLine }),
    );
    running.push({ stop: async () => void (await Promise.all(workers.map((worker) => worker.stop()))) });
    await Promise.all(workers.map((worker) => worker.start()));
    onStep(`${workers.length} worker processes: ${workers.map((worker) => worker.pid).join(", ")}`);
    return { url, port: Number(new URL(url).port), redisUrl, workers, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function redis({ dataDir, onStep }: StackOptions, started: (part: KeptRedis) => void): Promise<string> {
  const given = process.env.REDIS_URL;
  if (given) {
    onStep("Redis as named by REDIS_URL");
    return given;
  }
  const kept = await keepRedis({ dir: dataDir, onStep });
  started(kept);
  onStep(`Redis ${kept.version} at ${kept.url}`);
  return kept.url;
}

function app(name: "server" | "worker"): string {
  return fileURLToPath(new URL(`../../${name}/src/main.ts`, import.meta.url));
}
