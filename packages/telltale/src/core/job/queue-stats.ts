import type { JobStatus } from "../contract/lifecycle.js";

/** How a queue is doing. */
export interface QueueStats {
  queue: string;
  /** Redis time this was so, ms since 1970. */
  at: number;
  /** Nothing is handed out until it is resumed. */
  paused: boolean;
  jobs: Record<JobStatus, number>;
  /** When the next scheduled or retrying job is due, ms since 1970; null where none is. */
  nextDueAt: number | null;
  /** When the job that waits longest was queued, ms since 1970; null where none waits. Not of jobs a key limits. */
  oldestQueuedAt: number | null;
  /** Jobs whose record cannot be read, kept aside with a reason as long as failed ones. */
  setAside: number;
}
