import { setTimeout as delay } from "node:timers/promises";
import { findRedisServer } from "./find-redis-server.js";
import { type LocalRedis, RunningRedis } from "./local-redis.js";
import { guardOrphan, type OrphanGuard } from "./orphan-guard.js";
import { ping } from "./ping.js";
import type { RedisServerBinary } from "./redis-server-binary.js";
import { configText } from "./server-config.js";
import { prepareFolder, removeFolder, type ServerFolder } from "./server-folder.js";
import { type ServerProcess, spawnServer } from "./server-process.js";

const READY_WITHIN_MS = 10_000;
const POLL_MS = 5;

/** The options of `startRedis`. */
export interface StartRedisOptions {
  /** The folder of the data, which is kept. @default a new temporary folder, which `stop` removes */
  readonly dir?: string | undefined;
  /** A TCP port on 127.0.0.1, or "socket" for no TCP. @default "socket" */
  readonly port?: number | "socket" | undefined;
  /** Whether the data survives a restart (Redis's AOF). @default true with `dir`, otherwise false */
  readonly appendOnly?: boolean | undefined;
  /** Directives of redis.conf, which override the defaults, for example `{ maxmemory: "16mb" }`. @default none */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** Whether to start a sentinel. `config` then needs a directive such as `"sentinel monitor main": "…"`. @default false */
  readonly sentinel?: boolean | undefined;
  /** The server program. @default the one that `findRedisServer` finds */
  readonly binary?: RedisServerBinary | undefined;
}

/**
 * Starts a private Redis and resolves when it is ready. Rejects if no Redis is found, if one already runs in `dir`, or,
 * with the last lines of its log, if it exits or does not answer for 10 s. Loading its data may take longer than that.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<LocalRedis> {
  const port = tcpPort(options.port);
  const binary = options.binary ?? (await findRedisServer());
  const folder = await prepareFolder(options.dir);
  try {
    // Two servers in one folder would corrupt its append-only file.
    if ((await ping(folder.socketPath, 1_000)) !== "silent") {
      throw new Error(
        `Another Redis already runs in ${folder.dir}. Stop the program that started it, or use another folder.`,
      );
    }
    const config = configText({
      ...folder,
      port,
      appendOnly: options.appendOnly ?? options.dir !== undefined,
      config: options.config ?? {},
    });
    const server = await spawnServer(binary, config, options.sentinel ? folder.dir : null);
    const guard = await guarded(server, folder);
    const url = port === 0 ? folder.socketPath : `redis://127.0.0.1:${port}`;
    const redis = new RunningRedis(url, server, { folder, guard });
    try {
      await untilReady(server, folder.socketPath);
    } catch (error) {
      await redis.kill();
      throw error;
    }
    return redis;
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
}

// A server without a guard could outlive this process.
async function guarded(server: ServerProcess, folder: ServerFolder): Promise<OrphanGuard> {
  try {
    return guardOrphan(server.pid, folder);
  } catch (error) {
    server.signal("SIGKILL");
    await server.exited;
    throw error;
  }
}

async function untilReady(server: ServerProcess, socketPath: string): Promise<void> {
  let deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    const answer = await ping(socketPath, READY_WITHIN_MS);
    if (answer === "ready") return;
    if (answer === "loading") deadline = performance.now() + READY_WITHIN_MS;

    const end = await Promise.race([server.exited, delay(POLL_MS, undefined)]);
    if (end !== undefined) throw new Error(`Redis ${end} while it was starting. Its log:\n${server.lastLines()}`);
  }
  throw new Error(`Redis did not answer within ${READY_WITHIN_MS / 1000} s. Its log:\n${server.lastLines()}`);
}

function tcpPort(port: number | "socket" | undefined): number {
  if (port === undefined || port === "socket") return 0;
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new RangeError(`${port} is not a TCP port. Use a number from 1 to 65535, or "socket".`);
}
