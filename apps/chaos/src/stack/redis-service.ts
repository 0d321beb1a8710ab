import { setTimeout as delay } from "node:timers/promises";
import { createTcpProxy, type TcpProxy, waitFor } from "@telltale/testkit";
import type { RedisLink } from "./redis-link.js";
import { type RedisNode, type RedisNodeOptions, startRedisNode } from "./redis-node.js";
import { Sentinels } from "./sentinels.js";

/** Options of the stack's Redis. */
export interface RedisServiceOptions extends Pick<RedisNodeOptions, "appendFsync"> {
  readonly hasReplica: boolean;
  /** Whether sentinels choose the primary. Then there is a replica. */
  readonly hasSentinels: boolean;
}

// The interval at which `everysec` syncs to disk.
const LAST_MS = 1_000;
const IN_STEP_WITHIN_MS = 15_000;
const ELECTED_WITHIN_MS = 30_000;

/** The Redis of a stack: a primary and, optionally, a replica that follows it through a proxy that can be broken. */
export class RedisService implements AsyncDisposable {
  readonly #options: RedisServiceOptions;
  #primary: RedisNode;
  #replica: RedisNode | null = null;
  #line: TcpProxy | null = null;
  #isStalled = false;
  #sentinels: Sentinels | null = null;

  private constructor(primary: RedisNode, options: RedisServiceOptions) {
    this.#primary = primary;
    this.#options = options;
  }

  static async start(options: RedisServiceOptions): Promise<RedisService> {
    const { appendFsync, hasReplica, hasSentinels } = options;
    const primary = await startRedisNode({ appendFsync, hasPort: hasSentinels });
    const service = new RedisService(primary, options);
    try {
      if (hasSentinels) await service.#watch();
      else if (hasReplica) await service.#follow();
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
    return service;
  }

  /** The pid of the current primary. */
  get pid(): number {
    return this.#primary.pid;
  }

  /** The unix socket of the current primary. */
  get socketPath(): string {
    return this.#primary.socketPath;
  }

  /** The harness's own connection to the primary. */
  link(): Promise<RedisLink> {
    return this.#primary.link();
  }

  /** Kills the primary with SIGKILL. */
  kill(): Promise<void> {
    return this.#primary.kill();
  }

  /**
   * Kills the primary as if its machine had lost power. With `everysec`, `share` of what it logged in the last second
   * is cut off, because it may not have reached the disk. With `always`, all acknowledged data is on the disk.
   */
  async losePower(share: number): Promise<void> {
    const before = await this.#primary.logSize();
    await delay(LAST_MS);
    await this.kill();
    const size = await this.#primary.logSize();
    if (this.#options.appendFsync === "everysec")
      await this.#primary.cutLog(size - Math.floor(share * (size - before)));
  }

  /** Restarts the primary on its data and resolves when its replica follows it again. */
  async restart(): Promise<void> {
    await this.#primary.restart();
    await this.#inStep();
  }

  /**
   * Makes the primary rewrite its log. If a log ends in the middle of a script's effects, Redis 7.0 truncates it only
   * to the last whole command, and would execute the first part of those effects when it loads the log a second time.
   */
  async rewriteLog(): Promise<void> {
    if (this.#options.appendFsync === null) return;
    const link = await this.link();
    await link.send("BGREWRITEAOF");
    const isDone = async (): Promise<boolean> =>
      !/aof_rewrite_(in_progress|scheduled):1/.test(String(await link.send("INFO", "persistence")));
    await waitFor(isDone, { timeoutMs: IN_STEP_WITHIN_MS, what: "the log to be rewritten" });
  }

  /** Silently stops replication from now on. */
  stallReplication(): void {
    this.#isStalled = true;
    this.#line?.blackhole();
  }

  /** Kills the primary, promotes the replica `afterMs` later, and starts a new empty replica for it. */
  async failOver(afterMs: number): Promise<void> {
    const [old, promoted] = [this.#primary, this.#replica];
    if (!promoted || !this.#line) throw new Error("There is no replica to fail over to");
    await old.kill();
    // What a stalled proxy holds back must never arrive. On a healthy link it still arrives.
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

  /**
   * Promotes the replica once it has everything, and makes the primary its replica. No client is disconnected, as when a virtual IP
   * or a managed service moves: clients keep their connections to a server that is read-only now.
   */
  async switchOver(): Promise<void> {
    const [old, promoted] = [this.#primary, this.#replica];
    if (!promoted || !this.#line) throw new Error("There is no replica to switch over to");
    const [from, to] = [await old.link(), await promoted.link()];
    await from.send("CLIENT", "PAUSE", String(IN_STEP_WITHIN_MS), "WRITE");
    const hasAll = async (): Promise<boolean> =>
      offsetOf(String(await from.send("INFO", "replication"))) ===
      offsetOf(String(await to.send("INFO", "replication")));
    await waitFor(hasAll, { timeoutMs: IN_STEP_WITHIN_MS, what: "the replica to have all writes" });
    await promoted.promote();
    this.#primary = promoted;
    this.#replica = old;
    this.#line.cutAll();
    await old.demote(this.#line.port);
    await from.send("CLIENT", "UNPAUSE");
    await this.#inStep();
  }

  /** Where the sentinels listen; none without them. */
  get sentinels(): Sentinels["addresses"] {
    return this.#sentinels?.addresses ?? [];
  }

  /** Kills the primary, waits until the sentinels have promoted the replica, and starts the old primary as its replica. */
  async electAnother(): Promise<void> {
    const [old, elected, sentinels] = [this.#primary, this.#replica, this.#sentinels];
    if (!elected || !sentinels) throw new Error("There are no sentinels to elect a primary");
    await old.kill();
    const isElected = async (): Promise<boolean> => (await sentinels.primaryPort()) === elected.port;
    await waitFor(isElected, {
      timeoutMs: ELECTED_WITHIN_MS,
      everyMs: 100,
      what: "the sentinels to elect the replica",
    });
    elected.becomesPrimary();
    this.#primary = elected;
    this.#replica = old;
    await old.restartAsReplica(elected.port);
    await this.#inStep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sentinels?.[Symbol.asyncDispose]();
    await this.#line?.stop();
    await Promise.all([this.#primary, this.#replica].map((node) => node?.[Symbol.asyncDispose]()));
  }

  // Starts a new replica of the primary.
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

  // Starts a replica that can be reached directly, and the sentinels.
  async #watch(): Promise<void> {
    const { appendFsync } = this.#options;
    this.#replica = await startRedisNode({ appendFsync, hasPort: true, primaryPort: this.#primary.port });
    await this.#inStep();
    const sentinels = await Sentinels.start(this.#primary.port);
    this.#sentinels = sentinels;
    const isComplete = async (): Promise<boolean> => (await sentinels.others()) === sentinels.addresses.length - 1;
    await waitFor(isComplete, { timeoutMs: IN_STEP_WITHIN_MS, everyMs: 100, what: "the sentinels to find each other" });
  }

  async #inStep(): Promise<void> {
    const link = await this.#replica?.link();
    if (!link) return;
    const isUp = async (): Promise<boolean> =>
      String(await link.send("INFO", "replication")).includes("link_status:up");
    await waitFor(isUp, { timeoutMs: IN_STEP_WITHIN_MS, what: "the replica to follow its primary" });
  }
}

// What a primary has written, or what a replica has received.
function offsetOf(info: string): string | undefined {
  return /slave_repl_offset:(\d+)/.exec(info)?.[1] ?? /master_repl_offset:(\d+)/.exec(info)?.[1];
}
