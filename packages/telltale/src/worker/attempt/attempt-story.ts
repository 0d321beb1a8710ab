import type { FinalStatus, ObservedAttempt, ObserverEventFields } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import type { ClaimedJob } from "../claiming/claim-loop.js";

type Ended = ObserverEventFields["attempt.ended"];

/** Whose story it is. */
export interface AttemptStoryOptions {
  readonly observe: Observe;
  readonly claimed: ClaimedJob;
  readonly queue: string;
  readonly worker: string;
}

/** What observers are told of one attempt, in this order. Made only where somebody hears it. */
export class AttemptStory {
  readonly #observe: Observe;
  readonly #claimed: ClaimedJob;
  readonly #about: ObservedAttempt;
  #startedAt: number | null = null;
  #handlerMs: number | null = null;
  #isLost = false;

  constructor({ observe, claimed, queue, worker }: AttemptStoryOptions) {
    const { kind, id, attempt } = claimed.job;
    this.#observe = observe;
    this.#claimed = claimed;
    this.#about = { kind, queue, id, attempt, worker };
  }

  started(): void {
    this.#startedAt = performance.now();
    this.#observe({ type: "attempt.started", ...this.#about });
  }

  progressed(): void {
    this.#observe({ type: "attempt.progressed", ...this.#about });
  }

  /** The handler is no longer waited for. */
  handled(): void {
    this.#handlerMs ??= this.#durationMs;
  }

  /** Safe to call twice. */
  leaseLost(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#observe({ type: "lease.lost", ...this.#about });
  }

  /** Of an attempt that was started. Safe to call twice: the first is what happened. */
  ended(
    outcome: Ended["outcome"],
    { code = null, retryInMs = null }: Partial<Pick<Ended, "code" | "retryInMs">> = {},
  ): void {
    if (this.#startedAt === null) return;
    const durationMs = this.#durationMs;
    const handlerMs = this.#handlerMs ?? durationMs;
    const final = outcome === "completed" || outcome === "failed" || outcome === "cancelled";
    this.#startedAt = null;
    this.#observe({ type: "attempt.ended", ...this.#about, outcome, code, final, handlerMs, durationMs, retryInMs });
    if (final) this.jobEnded(outcome, code);
  }

  /** Its round is over, by this attempt or because it was given back. */
  jobEnded(status: FinalStatus, code: string | null): void {
    const ageMs = this.#claimed.ageMs + performance.now() - this.#claimed.claimedAt;
    this.#observe({ type: "job.ended", ...this.#about, status, code, reason: null, ageMs });
  }

  get #durationMs(): number {
    return this.#startedAt === null ? 0 : performance.now() - this.#startedAt;
  }
}
