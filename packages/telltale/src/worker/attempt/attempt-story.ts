import type { FinalStatus, ObservedAttempt, ObserverEventFields } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import type { ClaimedJob } from "../claiming/claim-loop.js";

type Ended = ObserverEventFields["attempt.ended"];

export interface AttemptStoryOptions {
  readonly observe: Observe;
  readonly claimed: ClaimedJob;
  readonly queue: string;
  readonly worker: string;
  readonly workerName: string;
}

/** Emits the observer events of one attempt, in the order of the methods. Only created if there is an observer. */
export class AttemptStory {
  readonly #observe: Observe;
  readonly #claimed: ClaimedJob;
  readonly #about: ObservedAttempt;
  #startedAt: number | null = null;
  #handlerMs: number | null = null;
  #isLost = false;

  constructor({ observe, claimed, queue, worker, workerName }: AttemptStoryOptions) {
    const { kind, id, attempt } = claimed.job;
    this.#observe = observe;
    this.#claimed = claimed;
    this.#about = { kind, queue, id, attempt, worker, workerName };
  }

  started(): void {
    this.#startedAt = performance.now();
    this.#observe({ type: "attempt.started", ...this.#about });
  }

  progressed(): void {
    this.#observe({ type: "attempt.progressed", ...this.#about });
  }

  /** Call this when the worker stops waiting for the handler. */
  handled(): void {
    this.#handlerMs ??= this.#durationMs;
  }

  /** Safe to call twice. */
  leaseLost(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#observe({ type: "lease.lost", ...this.#about });
  }

  /** Does nothing unless the attempt was started. Safe to call twice; only the first outcome counts. */
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

  /** Call this when the job's round ends, by this attempt or because the job was released. */
  jobEnded(status: FinalStatus, code: string | null): void {
    const ageMs = this.#claimed.ageMs + performance.now() - this.#claimed.claimedAt;
    this.#observe({ type: "job.ended", ...this.#about, status, code, reason: null, ageMs });
  }

  get #durationMs(): number {
    return this.#startedAt === null ? 0 : performance.now() - this.#startedAt;
  }
}
