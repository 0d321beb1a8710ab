import { createHash } from "node:crypto";
import { TelltaleError } from "../../core/index.js";
import type { Connection } from "../redis/commands.js";
import { toTelltaleError } from "../redis/redis-error.js";
import { CONNECTION_WAIT_MS, whenReady } from "../redis/when-ready.js";

const WINDOW_MS = 60_000;

/** A number of submits by a subject, and how many it may make per minute. */
export interface Spending {
  readonly subject: string;
  readonly submits: number;
  readonly perMinute: number;
}

/** Limits the submits of each subject per minute, across all servers. A subject's minute starts with its first submit. */
export class SubmitAllowance {
  readonly #redis: Connection;
  readonly #prefix: string;

  constructor(redis: Connection, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /**
   * Counts the submits, and resolves if the subject's limit for this minute is not exceeded. Otherwise rejects with `too_many` and
   * `retryInMs` in `data`. If Redis does not answer, rejects with `redis_unavailable`. A command that ioredis sends again after a
   * lost connection counts twice.
   */
  async spend({ subject, submits, perMinute }: Spending): Promise<void> {
    await whenReady(this.#redis, CONNECTION_WAIT_MS);
    const key = `${this.#prefix}:{submits:${createHash("sha256").update(subject).digest("base64url")}}`;
    let spent: number;
    let leftMs: number;
    try {
      const counting = this.#redis.pipeline();
      counting.incrby(key, submits);
      counting.pexpire(key, WINDOW_MS, "NX");
      counting.pttl(key);
      const replies = (await counting.exec()) ?? [];
      for (const [error] of replies) if (error) throw error;
      [spent = 0, leftMs = 0] = [Number(replies[0]?.[1]), Number(replies[2]?.[1])];
    } catch (error) {
      const refusal = toTelltaleError(error, { wasSentOnce: true });
      // The submits may have been counted, but no job was created, so the outcome is known.
      throw refusal.code === "outcome_unknown" ? new TelltaleError("redis_unavailable", undefined, refusal) : refusal;
    }
    if (spent <= perMinute) return;
    throw new TelltaleError("too_many", `The limit is ${perMinute} submits per minute. Try again later`, {
      data: { retryInMs: leftMs },
    });
  }
}
