import { type Jobs, LIMITS, type Retention } from "../../core/index.js";

/** How long finished jobs of a queue are kept. */
export interface QueueRetention {
  readonly completed: Retention;
  readonly failed: Retention;
}

// An idempotency record outlives its job by this much, so that a late repeat does not make a second one.
const REMEMBER_AFTER_RETENTION_MS = 3_600_000;

/** How long a finished job's idempotency record is kept, ms. */
export function rememberMsOf({ completed, failed }: QueueRetention): number {
  return Math.max(completed.ageMs, failed.ageMs, LIMITS.minRetentionMs) + REMEMBER_AFTER_RETENTION_MS;
}

/** The longest that any contract of the queue asks for. */
export function retentionOf(jobs: Jobs, queue: string): QueueRetention {
  const kept = Object.values(jobs)
    .filter((job) => job.queue === queue)
    .map((job) => job.retention);
  const longest = (of: "completed" | "failed"): Retention => ({
    ageMs: Math.max(...kept.map((retention) => retention[of].ageMs)),
    count: Math.max(...kept.map((retention) => retention[of].count)),
  });
  return { completed: longest("completed"), failed: longest("failed") };
}
