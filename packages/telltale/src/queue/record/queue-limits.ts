import type { Jobs, Queue, RateLimit } from "../../core/index.js";
import { queuesOfKind } from "../../core/internal.js";

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
  const contracts = Object.values(jobs).filter((job) => queuesOfKind(job).includes(queue));
  const named = contracts.flatMap(({ definedQueue, formerQueues }) => [definedQueue ?? [], formerQueues].flat());
  // A former queue that was given by its name has no limits, so others come first.
  const defined = named.filter(({ name }) => name === queue).sort((a, b) => limitsIn(b) - limitsIn(a))[0];
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

function limitsIn({ concurrency, rate, maxWaiting }: Queue): number {
  return [concurrency, rate, maxWaiting].filter((limit) => limit !== null).length;
}
