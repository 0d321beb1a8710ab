import type { Redis } from "ioredis";
import { hasCode, type Logger, TelltaleError } from "../../core/index.js";
import { checkServer } from "./check-server.js";
import { firstLine } from "./redis-error.js";
import { whenReady } from "./when-ready.js";

/** What the server was found to be, over which connection and when. */
interface Verdict {
  readonly losses: number;
  readonly at: number;
  readonly refusal: TelltaleError | null;
}

/** Somebody may change the server's policy while it runs. */
const AGAIN_MS = 30_000;
/** One that was refused is looked at again soon, because whoever mends it waits for that. */
const REFUSED_AGAIN_MS = 1_000;
const CONNECTION_WAIT_MS = 2_000;

/**
 * Whether the server can be trusted with jobs: when asked to be sure, before the first submit over a connection, which may
 * lead to another server than the one before, and from time to time after that.
 */
export class ServerCheck {
  readonly #redis: Redis;
  readonly #losses: () => number;
  readonly #allowEviction: boolean;
  readonly #logger: Logger;
  #verdict: Verdict | null = null;
  #running: Promise<void> | null = null;

  constructor(options: Readonly<{ redis: Redis; losses: () => number; allowEviction: boolean; logger: Logger }>) {
    this.#redis = options.redis;
    this.#losses = options.losses;
    this.#allowEviction = options.allowEviction;
    this.#logger = options.logger;
  }

  /** Resolves where it can be trusted now. Rejects with `unsupported_redis`, or with `redis_unavailable` after `withinMs`. */
  now(withinMs: number = CONNECTION_WAIT_MS): Promise<void> {
    this.#running ??= this.#check(withinMs).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /**
   * Null where a submit may go out at once, which is almost always. Else what it waits for; rejects as `now` does: nothing
   * was written.
   */
  beforeSubmit(): Promise<void> | null {
    const verdict = this.#verdict;
    if (verdict === null || verdict.losses !== this.#losses()) return this.#beforeSubmit();
    const ageMs = performance.now() - verdict.at;
    if (verdict.refusal) return ageMs < REFUSED_AGAIN_MS ? Promise.reject(verdict.refusal) : this.#beforeSubmit();
    // The submits after this one hear of it.
    if (ageMs >= AGAIN_MS) this.now().catch(() => {});
    return null;
  }

  async #beforeSubmit(): Promise<void> {
    await this.now().catch((error: unknown) => {
      // Who may submit need not be allowed to ask.
      if (error instanceof TelltaleError && error.cause instanceof Error && error.cause.message.startsWith("NOPERM"))
        return this.#judge(null);
      throw hasCode(error, "outcome_unknown")
        ? new TelltaleError("redis_unavailable", undefined, { cause: error })
        : error;
    });
  }

  async #check(withinMs: number): Promise<void> {
    await whenReady(this.#redis, withinMs);
    try {
      await checkServer(this.#redis, this.#allowEviction);
      this.#judge(null);
    } catch (error) {
      if (error instanceof TelltaleError && error.code === "unsupported_redis") this.#judge(error);
      throw error;
    }
  }

  #judge(refusal: TelltaleError | null): void {
    const before = this.#verdict;
    this.#verdict = { losses: this.#losses(), at: performance.now(), refusal };
    // At the start whoever asked hears of it.
    if (refusal && before && !before.refusal)
      this.#logger.error(
        { error: firstLine(refusal) },
        "redis cannot be trusted with jobs any more: submits are refused",
      );
  }
}
