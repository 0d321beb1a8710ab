import { setTimeout as delay } from "node:timers/promises";
import { createTcpProxy, type TcpProxy, waitFor } from "@telltale/testkit";
import type { RedisLink } from "./redis-link.js";
import { type RedisNode, type RedisNodeOptions, startRedisNode } from "./redis-node.js";

/** How the stack's Redis is run. */
export interface RedisServiceOptions extends Pick<RedisNodeOptions, "appendFsync"> {
  readonly hasReplica: boolean;
}

// As often as `everysec` has the disk given what was written.
const LAST_MS = 1_000;
const IN_STEP_WITHIN_MS = 15_000;

/** The Redis of a stack, under one address: a primary, and behind a breakable line its replica, if it has one. */
export class RedisService implements AsyncDisposable {
  readonly #options: RedisServiceOptions;
  #primary: RedisNode;
  #replica: RedisNode | null = null;
  #line: TcpProxy | null = null;
  #isStalled = false;

  private constructor(primary: RedisNode, options: RedisServiceOptions) {
    this.#primary = primary;
    this.#options = options;
  }

  static async start(options: RedisServiceOptions): Promise<RedisService> {
    const { appendFsync, hasReplica } = options;
    const service = new RedisService(await startRedisNode({ appendFsync }), options);
    try {
      if (hasReplica) await service.#follow();
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
    return service;
  }

  /** Of the primary. */
  get pid(): number {
    return this.#primary.pid;
  }

  /** Of the primary, whichever that is. */
  get socketPath(): string {
    return this.#primary.socketPath;
  }

  /** The harness's own line to the primary. */
  link(): Promise<RedisLink> {
    return this.#primary.link();
  }

  /** SIGKILL of the primary. */
  kill(): Promise<void> {
    return this.#primary.kill();
  }

  /**
   * SIGKILL of the primary, as if its machine had lost power: `share` of what it wrote to its log in its last second is
   * cut off, which stands for what the disk had not yet been given. With `always` the disk has all that was answered.
   */
  async losePower(share: number): Promise<void> {
    const before = await this.#primary.logSize();
    await delay(LAST_MS);
    await this.kill();
    const size = await this.#primary.logSize();
    if (this.#options.appendFsync === "everysec")
      await this.#primary.cutLog(size - Math.floor(share * (size - before)));
  }

  /** Starts the primary again on what it wrote, and resolves when its replica follows it. */
  async restart(): Promise<void> {
    await this.#primary.restart();
    await this.#inStep();
  }

  /**
   * Has the primary write its log anew. Redis 7.0 cuts a log that ended inside a script's effects only to the last whole
   * command: what stands before that is carried out when the log is read a second time.
   */
  async rewriteLog(): Promise<void> {
    if (this.#options.appendFsync === null) return;
    const link = await this.link();
    await link.send("BGREWRITEAOF");
    const isDone = async (): Promise<boolean> =>
      !/aof_rewrite_(in_progress|scheduled):1/.test(String(await link.send("INFO", "persistence")));
    await waitFor(isDone, { timeoutMs: IN_STEP_WITHIN_MS, what: "the log to be written anew" });
  }

  /** From now on nothing reaches the replica, and nobody is told. */
  stallReplication(): void {
    this.#isStalled = true;
    this.#line?.blackhole();
  }

  /** Kills the primary, promotes the replica `afterMs` later, and gives it an empty replica of its own. */
  async failOver(afterMs: number): Promise<void> {
    const [old, promoted] = [this.#primary, this.#replica];
    if (!promoted || !this.#line) throw new Error("There is no replica to fail over to");
    await old.kill();
    // What a stalled line holds never arrives; what a healthy one carries does.
    if (this.#isStalled) this.#line.cutAll();
    await delay(afterMs);
    await promoted.promote();
    this.#primary = promoted;
    this.#replica = null;
    this.#isStalled = false;
    this.#line.pass();
    await old[Symbol.asyncDispose]();
    await this.#follow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line?.stop();
    await Promise.all([this.#primary, this.#replica].map((node) => node?.[Symbol.asyncDispose]()));
  }

  // Gives the primary a new replica.
  async #follow(): Promise<void> {
    const target = {
      get path() {
        return service.socketPath;
      },
    };
    const service = this;
    this.#line ??= await createTcpProxy({ target });
    this.#replica = await startRedisNode({ appendFsync: this.#options.appendFsync, primaryPort: this.#line.port });
    await this.#inStep();
  }

  async #inStep(): Promise<void> {
    const link = await this.#replica?.link();
    if (!link) return;
    const isUp = async (): Promise<boolean> =>
      String(await link.send("INFO", "replication")).includes("link_status:up");
    await waitFor(isUp, { timeoutMs: IN_STEP_WITHIN_MS, what: "the replica to follow its primary" });
  }
}
