import type { Redis } from "ioredis";
import { TelltaleError } from "../../core/index.js";
import { firstLine } from "../redis/redis-error.js";
import { whenReady } from "../redis/when-ready.js";
import { CONNECTION_WAIT_MS } from "../scripts/run-script.js";

/** How many replicas must have a write, and how long to wait for them. */
export interface ReplicaRule {
  readonly replicas: number;
  readonly waitMs: number;
}

interface Waiting {
  /** Resolves with a function that passes on the reply. It is called once the replicas have the write. */
  write(): Promise<() => void>;
  reject(error: unknown): void;
}

const MOST_REPLICAS = 16;
const WAIT_MS = 1_000;
// A connection on which a command waits longer than this counts as dead.
const MOST_WAIT_MS = 3_000;

/** Returns the validated rule, or null if submits do not wait for replicas. Throws `invalid_config`. */
export function replicaRule({
  replicas = 0,
  replicaWaitMs: waitMs = WAIT_MS,
}: Readonly<{ replicas?: number | undefined; replicaWaitMs?: number | undefined }>): ReplicaRule | null {
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > MOST_REPLICAS) {
    throw new TelltaleError(
      "invalid_config",
      `replicas must be a whole number from 0 to ${MOST_REPLICAS}, not ${replicas}`,
    );
  }
  if (!Number.isInteger(waitMs) || waitMs < 1 || waitMs > MOST_WAIT_MS) {
    throw new TelltaleError("invalid_config", `replicaWaitMs must be 1 to ${MOST_WAIT_MS} ms, not ${waitMs}`);
  }
  return replicas === 0 ? null : { replicas, waitMs };
}

/**
 * Resolves writes once enough replicas have them. WAIT covers the writes of its own connection and blocks that connection, so the
 * connection is only used for this. Writes that arrive during a WAIT are sent together before the next one, so a write waits for at
 * most two WAITs, even if a replica is stalled.
 */
export class ReplicaWait {
  readonly #redis: Redis;
  readonly #losses: () => number;
  readonly #markKey: string;
  readonly #rule: ReplicaRule;
  #waiting: Waiting[] = [];
  #isUnderWay = false;

  constructor(options: Readonly<{ redis: Redis; losses: () => number; markKey: string; rule: ReplicaRule }>) {
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
          const answer = await write();
          return () => resolve(answer);
        },
        reject,
      });
      if (!this.#isUnderWay) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isUnderWay = true;
    while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0));
    this.#isUnderWay = false;
  }

  // Never rejects. Each write gets its own error, and all of them get a shared one.
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
          return [{ answer: await write(), reject }];
        } catch (error) {
          reject(error);
          return [];
        }
      }),
    );
    if (written.flat().length === 0) return;
    const shortage = await this.#shortage(lossesBefore);
    for (const { answer, reject } of written.flat()) {
      if (shortage) reject(shortage);
      else answer();
    }
  }

  // Returns null once enough replicas have all writes.
  async #shortage(lossesBefore: number): Promise<TelltaleError | null> {
    const { replicas, waitMs } = this.#rule;
    try {
      // WAIT covers the writes of its own connection, but a repeated submit that found its job wrote nothing. The mark is
      // written after everything on the primary, so a replica that has the mark has the job.
      const [, acknowledged] = await Promise.all([this.#redis.incr(this.#markKey), this.#redis.wait(replicas, waitMs)]);
      // A new connection may lead to another server, which does not have the write. ioredis would send the WAIT there.
      if (this.#losses() !== lossesBefore) return unknown("the connection was lost before its replicas answered");
      if (acknowledged >= replicas) return null;
      return unknown(`${acknowledged} of ${replicas} replicas acknowledged it within ${waitMs} ms`);
    } catch (error) {
      return unknown(`its replicas could not be asked: ${firstLine(error)}`);
    }
  }
}

function unknown(because: string): TelltaleError {
  return new TelltaleError("outcome_unknown", `The job was stored, but ${because}`);
}
