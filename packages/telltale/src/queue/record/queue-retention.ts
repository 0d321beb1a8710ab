import type { Jobs, Retention } from "../../core/index.js";

/** How long finished jobs of a queue are kept. */
export interface QueueRetention {
  readonly completed: Retention;
  readonly failed: Retention;
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
