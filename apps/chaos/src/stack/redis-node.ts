import { rmSync } from "node:fs";
import { mkdtemp, readdir, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedisServer, type LocalRedis, type RedisServerBinary, startRedis } from "@telltale/local-redis";
import { createTcpProxy, type TcpProxy } from "@telltale/testkit";
import { minimalUsers, PASSWORD } from "./access.js";
import { openRedisLink, type RedisLink } from "./redis-link.js";

/** Options of one Redis server. */
export interface RedisNodeOptions {
  /** How often its append-only file is synced to disk. Null keeps everything in memory only. */
  readonly appendFsync: "everysec" | "always" | null;
  /** The loopback port of its primary, if it is a replica. */
  readonly primaryPort?: number;
  /** Whether it has a TCP port, which it announces to sentinels. @default false */
  readonly hasPort?: boolean;
}

/** A redis-server that can be killed, restarted on its data, and promoted. */
export class RedisNode implements AsyncDisposable {
  readonly #dir: string;
  readonly #binary: RedisServerBinary;
  #options: RedisNodeOptions;
  readonly #address: TcpProxy | null;
  #running: LocalRedis;
  #link: RedisLink | null = null;

  constructor(
    dir: string,
    running: LocalRedis,
    how: { binary: RedisServerBinary; options: RedisNodeOptions; address: TcpProxy | null },
  ) {
    this.#dir = dir;
    this.#binary = how.binary;
    this.#options = how.options;
    this.#address = how.address;
    this.#running = running;
    process.once("exit", this.#removeFolder);
  }

  /** Its TCP port on 127.0.0.1; 0 without one. */
  get port(): number {
    return this.#address?.port ?? 0;
  }

  get pid(): number {
    return this.#running.pid;
  }

  get socketPath(): string {
    return this.#running.socketPath;
  }

  /** The harness's own connection to it, reopened after it was closed. */
  async link(): Promise<RedisLink> {
    if (!this.#link?.isOpen) this.#link = await openLink(this.#running.socketPath);
    return this.#link;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.#hangUp();
    await this.#running.kill();
  }

  /** The size of its append-only file in bytes; 0 without one. */
  async logSize(): Promise<number> {
    const path = await this.#logPath();
    return path === null ? 0 : (await stat(path)).size;
  }

  /** Truncates the append-only file of a killed server to `size` bytes. */
  async cutLog(size: number): Promise<void> {
    const path = await this.#logPath();
    if (path !== null) await truncate(path, size);
  }

  /** Restarts it on its append-only file, or empty without one. */
  async restart(): Promise<void> {
    this.#hangUp();
    this.#running = await startIn(this.#dir, this.#binary, { options: this.#options, port: this.port });
  }

  /** Promotes a replica to primary. */
  async promote(): Promise<void> {
    this.becomesPrimary();
    await (await this.link()).send("REPLICAOF", "NO", "ONE");
  }

  /** Makes later restarts start it as a primary, because a sentinel has promoted it. */
  becomesPrimary(): void {
    const { primaryPort: _, ...options } = this.#options;
    this.#options = options;
  }

  /** Restarts a killed server as a replica. */
  async restartAsReplica(primaryPort: number): Promise<void> {
    this.#options = { ...this.#options, primaryPort };
    await this.restart();
  }

  /** Makes it a replica. Its clients stay connected. */
  async demote(primaryPort: number): Promise<void> {
    this.#options = { ...this.#options, primaryPort };
    await (await this.link()).send("REPLICAOF", "127.0.0.1", String(primaryPort));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hangUp();
    await this.#running.stop();
    await this.#address?.stop();
    process.off("exit", this.#removeFolder);
    this.#removeFolder();
  }

  readonly #removeFolder = (): void => rmSync(this.#dir, { recursive: true, force: true });

  // The newest increment holds the last writes.
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

/** Starts a server in a temporary folder, which is removed with it. */
export async function startRedisNode(options: RedisNodeOptions): Promise<RedisNode> {
  const dir = await mkdtemp(join(tmpdir(), "telltale-chaos-redis-"));
  const binary = await findRedisServer();
  let node: RedisNode | null = null;
  // The server listens on a socket only. The proxy comes first, because the server announces its port.
  const target = {
    get path() {
      return node?.socketPath ?? "";
    },
  };
  const address = options.hasPort ? await createTcpProxy({ target }) : null;
  const running = await startIn(dir, binary, { options, port: address?.port ?? 0 });
  node = new RedisNode(dir, running, { binary, options, address });
  return node;
}

async function openLink(socketPath: string): Promise<RedisLink> {
  const link = await openRedisLink(socketPath);
  await link.send("AUTH", PASSWORD);
  return link;
}

function startIn(
  dir: string,
  binary: RedisServerBinary,
  { options, port }: Readonly<{ options: RedisNodeOptions; port: number }>,
): Promise<LocalRedis> {
  const { appendFsync, primaryPort } = options;
  return startRedis({
    ...{ dir, binary },
    appendOnly: appendFsync !== null,
    config: {
      ...minimalUsers(),
      requirepass: PASSWORD,
      masterauth: PASSWORD,
      ...(port === 0 ? {} : { "replica-announce-ip": "127.0.0.1", "replica-announce-port": String(port) }),
      ...(appendFsync === null ? {} : { appendfsync: appendFsync }),
      ...(primaryPort === undefined ? {} : { replicaof: `127.0.0.1 ${primaryPort}` }),
      // By default, Redis waits five seconds for more replicas before it starts to synchronise the first.
      "repl-diskless-sync-delay": "0",
    },
  });
}
