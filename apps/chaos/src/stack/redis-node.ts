import { rmSync } from "node:fs";
import { mkdtemp, readdir, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedisServer, type LocalRedis, type RedisServerBinary, startRedis } from "@telltale/local-redis";
import { openRedisLink, type RedisLink } from "./redis-link.js";

/** How a server of the harness is run. */
export interface RedisNodeOptions {
  /** How often its append-only file is brought to the disk; null keeps everything in memory alone. */
  readonly appendFsync: "everysec" | "always" | null;
  /** The port on loopback of the primary it is a replica of. */
  readonly primaryPort?: number;
}

/** A redis-server that can be killed, started again on what it wrote, and promoted. */
export class RedisNode implements AsyncDisposable {
  readonly #dir: string;
  readonly #binary: RedisServerBinary;
  #options: RedisNodeOptions;
  #running: LocalRedis;
  #link: RedisLink | null = null;

  constructor(dir: string, running: LocalRedis, how: { binary: RedisServerBinary; options: RedisNodeOptions }) {
    this.#dir = dir;
    this.#binary = how.binary;
    this.#options = how.options;
    this.#running = running;
    process.once("exit", this.#removeFolder);
  }

  get pid(): number {
    return this.#running.pid;
  }

  get socketPath(): string {
    return this.#running.socketPath;
  }

  /** The harness's own line to it, opened anew after every restart. */
  async link(): Promise<RedisLink> {
    this.#link ??= await openRedisLink(this.#running.socketPath);
    return this.#link;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.#hangUp();
    await this.#running.kill();
  }

  /** How far its append-only file goes; 0 where it has none. */
  async logSize(): Promise<number> {
    const path = await this.#logPath();
    return path === null ? 0 : (await stat(path)).size;
  }

  /** Cuts the append-only file of a killed server off. */
  async cutLog(size: number): Promise<void> {
    const path = await this.#logPath();
    if (path !== null) await truncate(path, size);
  }

  /** Starts it again on its append-only file, or empty where it has none. */
  async restart(): Promise<void> {
    this.#hangUp();
    this.#running = await startIn(this.#dir, this.#binary, this.#options);
  }

  /** Makes a replica a primary. */
  async promote(): Promise<void> {
    const { appendFsync } = this.#options;
    this.#options = { appendFsync };
    await (await this.link()).send("REPLICAOF", "NO", "ONE");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hangUp();
    await this.#running.stop();
    process.off("exit", this.#removeFolder);
    this.#removeFolder();
  }

  readonly #removeFolder = (): void => rmSync(this.#dir, { recursive: true, force: true });

  // What was written last stands in the newest increment.
  async #logPath(): Promise<string | null> {
    if (this.#options.appendFsync === null) return null;
    const folder = join(this.#dir, "appendonlydir");
    const increments = (await readdir(folder)).filter((name) => name.endsWith(".incr.aof"));
    const numberOf = (name: string): number => Number(/\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? 0);
    const [newest] = increments.sort((a, b) => numberOf(b) - numberOf(a));
    return newest === undefined ? null : join(folder, newest);
  }

  #hangUp(): void {
    this.#link?.[Symbol.dispose]();
    this.#link = null;
  }
}

/** Starts a server in a folder of its own, which goes with it. */
export async function startRedisNode(options: RedisNodeOptions): Promise<RedisNode> {
  const dir = await mkdtemp(join(tmpdir(), "telltale-chaos-redis-"));
  const binary = await findRedisServer();
  return new RedisNode(dir, await startIn(dir, binary, options), { binary, options });
}

function startIn(dir: string, binary: RedisServerBinary, options: RedisNodeOptions): Promise<LocalRedis> {
  const { appendFsync, primaryPort } = options;
  return startRedis({
    ...{ dir, binary },
    appendOnly: appendFsync !== null,
    config: {
      ...(appendFsync === null ? {} : { appendfsync: appendFsync }),
      ...(primaryPort === undefined ? {} : { replicaof: `127.0.0.1 ${primaryPort}` }),
      // Redis waits five seconds for more replicas before it starts to copy itself to the first.
      "repl-diskless-sync-delay": "0",
    },
  });
}
