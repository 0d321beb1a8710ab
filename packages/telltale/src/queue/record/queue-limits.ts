import type { Jobs, RateLimit } from "../../core/index.js";

/** The limits of a queue, as plain data. */
export interface QueueLimits {
  readonly concurrency: number | null;
  readonly rate: RateLimit | null;
  readonly maxWaiting: number | null;
  /** The kinds whose contracts have limits per key. */
  readonly kinds: readonly {
    readonly kind: string;
    readonly concurrency: number | null;
    readonly rate: RateLimit | null;
  }[];
}

/** The limits of a queue for which none are defined. */
export const NO_LIMITS: QueueLimits = { concurrency: null, rate: null, maxWaiting: null, kinds: [] };

/** Collects the limits of a queue from the contracts that use it. */
export function limitsOf(jobs: Jobs, queue: string): QueueLimits {
  const contracts = Object.values(jobs).filter((job) => job.queue === queue);
  const defined = contracts.find((job) => job.definedQueue !== null)?.definedQueue;
  return {
    ...NO_LIMITS,
    ...(defined ? { concurrency: defined.concurrency, rate: defined.rate, maxWaiting: defined.maxWaiting } : {}),
    kinds: contracts
      .filter(({ limits }) => limits.concurrency !== null || limits.rate !== null)
      .map(({ kind, limits: { concurrency, rate } }) => ({
        kind,
        concurrency: concurrency?.max ?? null,
        rate: rate && { max: rate.max, perMs: rate.perMs },
      })),
  };
}
