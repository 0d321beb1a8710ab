import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedisServer, type LocalRedis, type RedisServerBinary, startRedis } from "@telltale/local-redis";
import { openRedisLink, type RedisLink } from "./redis-link.js";

/** A redis-server with an append-only file, that can be killed and started again on what it wrote. */
export class RedisNode implements AsyncDisposable {
  readonly #dir: string;
  readonly #binary: RedisServerBinary;
  #running: LocalRedis;
  #link: RedisLink | null = null;

  constructor(dir: string, binary: RedisServerBinary, running: LocalRedis) {
    this.#dir = dir;
    this.#binary = binary;
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

  /** Starts it again on its append-only file. */
  async restart(): Promise<void> {
    this.#hangUp();
    this.#running = await startIn(this.#dir, this.#binary);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hangUp();
    await this.#running.stop();
    process.off("exit", this.#removeFolder);
    this.#removeFolder();
  }

  readonly #removeFolder = (): void => rmSync(this.#dir, { recursive: true, force: true });

  #hangUp(): void {
    this.#link?.[Symbol.dispose]();
    this.#link = null;
  }
}

/** Starts a server in a folder of its own, which goes with it. */
export async function startRedisNode(): Promise<RedisNode> {
  const dir = await mkdtemp(join(tmpdir(), "telltale-chaos-redis-"));
  const binary = await findRedisServer();
  return new RedisNode(dir, binary, await startIn(dir, binary));
}

function startIn(dir: string, binary: RedisServerBinary): Promise<LocalRedis> {
  return startRedis({ dir, binary, appendOnly: true, config: { appendfsync: "everysec" } });
}
