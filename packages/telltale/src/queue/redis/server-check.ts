import { hasCode, type Logger, TelltaleError } from "../../core/index.js";
import { checkServer, type ServerRequirements } from "./check-server.js";
import type { Connection } from "./commands.js";
import { firstLine } from "./redis-error.js";
import { CONNECTION_WAIT_MS, whenReady } from "./when-ready.js";

/** The result of a check, and the connection and the time for which it holds. */
interface Verdict {
  readonly losses: number;
  readonly at: number;
  readonly refusal: TelltaleError | null;
}

/** How often the check is repeated, because the server's policy can change while it runs. */
const AGAIN_MS = 30_000;
/** How often an unsupported server is checked again. Short, so that submits succeed soon after an operator fixes it. */
const REFUSED_AGAIN_MS = 1_000;

/**
 * Checks whether the server is supported: on request, before the first submit over each new connection, which may lead to another
 * server than before, and then periodically while there are submits.
 */
export class ServerCheck {
  readonly #redis: Connection;
  readonly #losses: () => number;
  readonly #required: () => ServerRequirements;
  readonly #logger: Logger;
  #verdict: Verdict | null = null;
  #running: Promise<void> | null = null;
  #hasWarned = false;

  constructor(
    options: Readonly<{
      redis: Connection;
      losses: () => number;
      required: () => ServerRequirements;
      logger: Logger;
    }>,
  ) {
    this.#redis = options.redis;
    this.#losses = options.losses;
    this.#required = options.required;
    this.#logger = options.logger;
  }

  /** Resolves if the server is supported. Rejects with `unsupported_redis`, or with `redis_unavailable` after `withinMs`. */
  now(withinMs: number = CONNECTION_WAIT_MS): Promise<void> {
    if (this.#running) return this.#running;
    const running = this.#check(withinMs).finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  /** Forgets the last result, because this process now requires more. */
  forget(): void {
    this.#verdict = null;
    this.#running = null;
  }

  /**
   * Returns null if a submit may be sent immediately, which is nearly always the case. Otherwise returns a promise to await before
   * the submit. It rejects like `now`, and nothing was written then.
   */
  beforeSubmit(): Promise<void> | null {
    const verdict = this.#verdict;
    if (verdict === null || verdict.losses !== this.#losses()) return this.#beforeSubmit();
    const ageMs = performance.now() - verdict.at;
    if (verdict.refusal) return ageMs < REFUSED_AGAIN_MS ? Promise.reject(verdict.refusal) : this.#beforeSubmit();
    // This submit does not wait for the check. If the check fails, later submits get its error.
    if (ageMs >= AGAIN_MS) this.now().catch(() => {});
    return null;
  }

  async #beforeSubmit(): Promise<void> {
    await this.now().catch((error: unknown) => {
      throw hasCode(error, "outcome_unknown")
        ? new TelltaleError("redis_unavailable", undefined, { cause: error })
        : error;
    });
  }

  async #check(withinMs: number): Promise<void> {
    await whenReady(this.#redis, withinMs);
    try {
      const outcome = await checkServer(this.#redis, this.#required());
      this.#judge(null);
      if (outcome === "no_info") this.#warn();
    } catch (error) {
      if (error instanceof TelltaleError && error.code === "unsupported_redis") this.#judge(error);
      throw error;
    }
  }

  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#logger.warn(
      { missing: "+info" },
      "the redis user may not run INFO: maxmemory-policy is not checked, and no room is made when redis is nearly full",
    );
  }

  #judge(refusal: TelltaleError | null): void {
    const before = this.#verdict;
    this.#verdict = { losses: this.#losses(), at: performance.now(), refusal };
    // The first check's error reaches the caller, so only later changes are logged.
    if (refusal && before && !before.refusal)
      this.#logger.error({ error: firstLine(refusal) }, "submits are rejected because redis is no longer supported");
  }
}
