import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { TelltaleError } from "../../core/index.js";
import { toTelltaleError } from "../redis/redis-error.js";
import { whenReady } from "../redis/when-ready.js";
import { CONNECTION_WAIT_MS } from "../scripts/run-script.js";

const WINDOW_MS = 60_000;

/** What a subject asks for, and how much of it a minute holds. */
export interface Spending {
  readonly subject: string;
  readonly submits: number;
  readonly perMinute: number;
}

/** Counts what subjects submit, all servers together, in minutes that begin with each one's first submit. */
export class SubmitAllowance {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /**
   * Resolves while the minute holds more. Rejects with `too_many`, and `retryInMs` in `data`, once the minute's submits are spent. A command that is sent twice
   * counts twice: it errs on the strict side.
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
      // Whether it was counted is not known; that no job was made is.
      throw refusal.code === "outcome_unknown" ? new TelltaleError("redis_unavailable", undefined, refusal) : refusal;
    }
    if (spent <= perMinute) return;
    throw new TelltaleError("too_many", `No more than ${perMinute} submits a minute`, { data: { retryInMs: left } });
  }
}
