import type { JobStatus } from "../contract/lifecycle.js";
import type { HistoryCounts } from "./queue-history.js";

/** Statistics of a queue. */
export interface QueueStats {
  queue: string;
  /** When these figures were read: Redis's time, ms since 1970. */
  at: number;
  /** Whether the queue is paused. While it is, none of its jobs start. */
  paused: boolean;
  /** The number of jobs in each status. */
  jobs: Record<JobStatus, number>;
  /**
   * What has happened since the queue was created, or since the first version of Telltale that counts. These never decrease, so a rate can
   * be derived from them. The finished jobs in `jobs` are only those that are still kept.
   */
  totals: HistoryCounts;
  /** When the next scheduled or retrying job is due, ms since 1970, or null if there is none. */
  nextDueAt: number | null;
  /** When the longest-waiting job was queued, ms since 1970, or null if no job is queued. */
  oldestQueuedAt: number | null;
  /** The number of jobs set aside because their record cannot be read. They are kept, with the reason, as long as failed jobs. */
  setAside: number;
  /** Whether a worker took jobs from the queue, or asked for them, within the last minute. If not, its jobs wait. */
  hasWorkers: boolean;
}
