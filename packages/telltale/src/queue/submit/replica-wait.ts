import type { Redis } from "ioredis";
import { TelltaleError } from "../../core/index.js";
import { firstLine } from "../redis/redis-error.js";
import { whenReady } from "../redis/when-ready.js";
import { CONNECTION_WAIT_MS } from "../scripts/run-script.js";

/** How many replicas must have a write, and for how long they are waited for. */
export interface ReplicaRule {
  readonly replicas: number;
  readonly waitMs: number;
}

interface Waiting {
  /** Resolves with what hands its answer out: nobody may have that before the replicas have the write. */
  write(): Promise<() => void>;
  reject(error: unknown): void;
}

const MOST_REPLICAS = 16;
const WAIT_MS = 1_000;
// A connection on which a command waits longer than this is taken for a silent one and given up.
const MOST_WAIT_MS = 3_000;

/** What the options say, or null where nothing is waited for. Throws `invalid_config`. */
export function replicaRule({
  replicas = 0,
  replicaWaitMs: waitMs = WAIT_MS,
}: Readonly<{ replicas?: number | undefined; replicaWaitMs?: number | undefined }>): ReplicaRule | null {
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > MOST_REPLICAS) {
    throw new TelltaleError("invalid_config", `replicas is a whole number from 0 to ${MOST_REPLICAS}, not ${replicas}`);
  }
  if (!Number.isInteger(waitMs) || waitMs < 1 || waitMs > MOST_WAIT_MS) {
    throw new TelltaleError("invalid_config", `replicaWaitMs is from 1 to ${MOST_WAIT_MS} ms, not ${waitMs}`);
  }
  return replicas === 0 ? null : { replicas, waitMs };
}

/**
 * Answers writes once enough replicas have them. WAIT covers what its own connection wrote and holds that connection up,
 * so the connection is used for nothing else, and what arrives during one WAIT goes out together before the next: under
 * a stalled replica a write waits for two of them at most, however many there are.
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
   * Runs a write over this connection and resolves with its answer. Rejects as the write does; with `outcome_unknown`
   * when it was done and too few replicas said so in time, or when the connection was lost meanwhile.
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

  // Never rejects: each write hears of its own failure, and all of them of what they share.
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

  // Null once enough replicas have all that was written.
  async #shortage(lossesBefore: number): Promise<TelltaleError | null> {
    const { replicas, waitMs } = this.#rule;
    try {
      // WAIT promises for what its own connection wrote, and a repeat that only found its job wrote nothing. The mark
      // comes after all that is on the primary, so whoever has the mark has the job.
      const [, acknowledged] = await Promise.all([this.#redis.incr(this.#markKey), this.#redis.wait(replicas, waitMs)]);
      // A new connection may lead to another server, which never had the write; ioredis sends the WAIT there all the same.
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
