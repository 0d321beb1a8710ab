import { fileURLToPath } from "node:url";
import { Child } from "./child.js";
import { type KeptRedis, keepRedis } from "./kept-redis.js";

/** Options of a stack. */
export interface StackOptions {
  readonly workers: number;
  /** 0 picks a free port. */
  readonly port: number;
  /** Keeps the data of Redis between runs. By default it is removed with the stack. Not used if REDIS_URL is set. */
  readonly dataDir?: string;
  readonly watch?: boolean;
  /** Added to the environment of every child. */
  readonly env?: NodeJS.ProcessEnv;
  /** Added to the environment of the server only. */
  readonly serverEnv?: NodeJS.ProcessEnv;
  /** Called with a line of text for each step. */
  readonly onStep: (text: string) => void;
  /** Called with each line that a child prints. */
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

/** Starts the reference application, each part in its own process. If one part fails to start, stops the others. */
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
    onStep("Using the Redis of REDIS_URL");
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
