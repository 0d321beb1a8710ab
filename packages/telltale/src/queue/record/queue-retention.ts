import { type Jobs, LIMITS, type Retention } from "../../core/index.js";
import { queuesOfKind } from "../../core/internal.js";

/** How long the finished jobs of a queue are kept. */
export interface QueueRetention {
  readonly completed: Retention;
  readonly failed: Retention;
}

// An idempotency record is kept this much longer than its job, so that a late repeat of the submit does not create a second job.
const REMEMBER_AFTER_RETENTION_MS = 3_600_000;

/** Returns how long the idempotency record of a finished job is kept, in ms. */
export function rememberMsOf({ completed, failed }: QueueRetention): number {
  return Math.max(completed.ageMs, failed.ageMs, LIMITS.minRetentionMs) + REMEMBER_AFTER_RETENTION_MS;
}

/** Returns the longest retention of the contracts that use or used the queue, or of all contracts if none names it. */
export function retentionOf(jobs: Jobs, queue: string): QueueRetention {
  const all = Object.values(jobs);
  const using = all.filter((job) => queuesOfKind(job).includes(queue));
  const kept = (using.length > 0 ? using : all).map((job) => job.retention);
  const longest = (of: "completed" | "failed"): Retention => ({
    ageMs: Math.max(...kept.map((retention) => retention[of].ageMs)),
    count: Math.max(...kept.map((retention) => retention[of].count)),
  });
  return { completed: longest("completed"), failed: longest("failed") };
}
