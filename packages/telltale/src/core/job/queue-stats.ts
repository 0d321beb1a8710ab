import type { JobStatus } from "../contract/lifecycle.js";

/** Statistics of a queue. */
export interface QueueStats {
  queue: string;
  /** When these figures were read: Redis's time, ms since 1970. */
  at: number;
  /** Whether the queue is paused. No job of it starts until it is resumed. */
  paused: boolean;
  jobs: Record<JobStatus, number>;
  /** When the next scheduled or retrying job is due, ms since 1970, or null if there is none. */
  nextDueAt: number | null;
  /** When the job that waits longest was queued, ms since 1970, or null. Jobs that wait for a limit per key do not count. */
  oldestQueuedAt: number | null;
  /** The number of jobs whose record cannot be read. They are kept aside, with the reason, for as long as failed ones. */
  setAside: number;
}
