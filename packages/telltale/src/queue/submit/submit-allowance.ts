import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { TelltaleError } from "../../core/index.js";
import { toTelltaleError } from "../redis/redis-error.js";
import { whenReady } from "../redis/when-ready.js";
import { CONNECTION_WAIT_MS } from "../scripts/run-script.js";

const WINDOW_MS = 60_000;

/** The submits of a subject, and how many are allowed per minute. */
export interface Spending {
  readonly subject: string;
  readonly submits: number;
  readonly perMinute: number;
}

/** Counts the submits of subjects over all servers. A subject's minute starts with its first submit. */
export class SubmitAllowance {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /**
   * Resolves if the subject may submit more in this minute. Otherwise rejects with `too_many`, and `retryInMs` in `data`. A command
   * that is sent twice counts twice.
   */
  async spend({ subject, submits, perMinute }: Spending): Promise<void> {
    await whenReady(this.#redis, CONNECTION_WAIT_MS);
    const key = `${this.#prefix}:{submits:${createHash("sha256").update(subject).digest("base64url")}}`;
    let spent: number;
    let left: number;
    try {
      const counting = this.#redis.pipeline().incrby(key, submits).pexpire(key, WINDOW_MS, "NX").pttl(key);
      const replies = (await counting.exec()) ?? [];
      for (const [error] of replies) if (error) throw error;
      [spent = 0, left = 0] = [Number(replies[0]?.[1]), Number(replies[2]?.[1])];
    } catch (error) {
      const refusal = toTelltaleError(error, { wasSentOnce: true });
      // It may have been counted, but no job was created.
      throw refusal.code === "outcome_unknown" ? new TelltaleError("redis_unavailable", undefined, refusal) : refusal;
    }
    if (spent <= perMinute) return;
    throw new TelltaleError("too_many", `The limit is ${perMinute} submits per minute. Try again later`, {
      data: { retryInMs: left },
    });
  }
}
