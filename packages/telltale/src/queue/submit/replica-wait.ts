import { TelltaleError } from "../../core/index.js";
import type { Connection } from "../redis/commands.js";
import { firstLine } from "../redis/redis-error.js";
import { CONNECTION_WAIT_MS, whenReady } from "../redis/when-ready.js";

/** How many replicas must have a write, and how long to wait for them. */
export interface ReplicaRule {
  readonly replicas: number;
  readonly waitMs: number;
}

interface Waiting {
  /** Executes the write. Resolves with a function that resolves the caller's promise, to be called once the replicas have the write. */
  write(): Promise<() => void>;
  reject(error: unknown): void;
}

const MAX_REPLICAS = 16;
const WAIT_MS = 1_000;
// A longer wait would look like a dead connection; see SILENT_COMMAND_MS.
const MAX_WAIT_MS = 3_000;

/** Validates the options and returns the rule, or null if submits do not wait for replicas. Throws `invalid_config`. */
export function replicaRule({
  replicas = 0,
  replicaWaitMs: waitMs = WAIT_MS,
}: Readonly<{ replicas?: number | undefined; replicaWaitMs?: number | undefined }>): ReplicaRule | null {
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > MAX_REPLICAS) {
    throw new TelltaleError(
      "invalid_config",
      `replicas must be a whole number from 0 to ${MAX_REPLICAS}, not ${replicas}`,
    );
  }
  if (!Number.isInteger(waitMs) || waitMs < 1 || waitMs > MAX_WAIT_MS) {
    throw new TelltaleError("invalid_config", `replicaWaitMs must be 1 to ${MAX_WAIT_MS} ms, not ${waitMs}`);
  }
  return replicas === 0 ? null : { replicas, waitMs };
}

/**
 * Resolves writes once enough replicas have them. WAIT only covers the writes of its own connection, and blocks it, so this connection
 * is used for nothing else. Writes that arrive during a WAIT are sent together before the next WAIT, so a write waits for at most two
 * of them, even if a replica is stalled.
 */
export class ReplicaWait {
  readonly #redis: Connection;
  readonly #losses: () => number;
  readonly #markKey: string;
  readonly #rule: ReplicaRule;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(options: Readonly<{ redis: Connection; losses: () => number; markKey: string; rule: ReplicaRule }>) {
    this.#redis = options.redis;
    this.#losses = options.losses;
    this.#markKey = options.markKey;
    this.#rule = options.rule;
  }

  /**
   * Runs a write over this connection and resolves with its reply. Rejects like the write, or with `outcome_unknown` if it was
   * executed but too few replicas acknowledged it in time, or if the connection was lost.
   */
  cover<T>(write: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        write: async () => {
          const reply = await write();
          return () => resolve(reply);
        },
        reject,
      });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0));
    this.#isRunning = false;
  }

  // Never rejects. A write that fails gets its own error. If WAIT fails, all writes of the group get the same error.
  async #send(group: readonly Waiting[]): Promise<void> {
    try {
      await whenReady(this.#redis, CONNECTION_WAIT_MS);
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    const lossesBefore = this.#losses();
    const written = await Promise.all(
      group.map(async ({ write, reject }) => {
        try {
          return [{ succeed: await write(), reject }];
        } catch (error) {
          reject(error);
          return [];
        }
      }),
    );
    if (written.flat().length === 0) return;
    const shortage = await this.#shortage(lossesBefore);
    for (const { succeed, reject } of written.flat()) {
      if (shortage) reject(shortage);
      else succeed();
    }
  }

  // Returns null once enough replicas have all writes of the group, or the error for all of them.
  async #shortage(lossesBefore: number): Promise<TelltaleError | null> {
    const { replicas, waitMs } = this.#rule;
    try {
      // A repeated submit that found its job wrote nothing over this connection, so WAIT alone would not cover that job. The mark is
      // written after the job, so a replica that has the mark also has the job.
      const [, acknowledged] = await Promise.all([this.#redis.incr(this.#markKey), this.#redis.wait(replicas, waitMs)]);
      // ioredis sends the WAIT again over a new connection. That may lead to another server, which does not have the write.
      if (this.#losses() !== lossesBefore)
        return unknown("the connection was lost before enough replicas acknowledged it");
      if (acknowledged >= replicas) return null;
      return unknown(`${acknowledged} of ${replicas} replicas acknowledged it within ${waitMs} ms`);
    } catch (error) {
      return unknown(`waiting for its replicas failed: ${firstLine(error)}`);
    }
  }
}

function unknown(reason: string): TelltaleError {
  return new TelltaleError("outcome_unknown", `The job was stored, but ${reason}`);
}
