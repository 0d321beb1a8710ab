import type { Duration } from "../contract/duration.js";

/** The steps of a queue's history. */
export const HISTORY_STEPS = ["minute", "hour"] as const;

/** The length of each bucket of a queue's history. */
export type HistoryStep = (typeof HISTORY_STEPS)[number];

/** What happened to the jobs of a queue, counted. */
export interface HistoryCounts {
  /** Jobs that were submitted, by callers, schedules and other jobs, or rerun. */
  submitted: number;
  /** Attempts that were started. An attempt that a worker gave back, at a shutdown for example, counts again when it starts again. */
  started: number;
  completed: number;
  /** Jobs that failed for good. */
  failed: number;
  /** Attempts that failed, or were lost, and are followed by another. */
  retried: number;
  cancelled: number;
  /** Attempts whose lease expired. Each also counts as retried, failed or cancelled, whichever it led to. */
  leaseLost: number;
}

/** A distribution of times, in ms. Percentiles are estimated from the histogram, and are null if there are no times. */
export interface HistoryTimes {
  count: number;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  /**
   * How many times were in each bucket that has any: the bucket's lower bound in ms, and the number. Buckets begin at 0, 1, 1.5, 2, 3, 4,
   * 6, 8, 12 … ms, two for each power of two. The last one begins at 28 hours.
   */
  histogram: [fromMs: number, count: number][];
}

/** The counts and times of a period. */
export interface HistoryPeriod extends HistoryCounts {
  /** From when a job was queued until an attempt started, for attempts that were started. A delay or a backoff does not count. */
  waitedMs: HistoryTimes;
  /** From the start of an attempt until the worker reported its end. Attempts that were given back or lost have no running time. */
  ranMs: HistoryTimes;
}

/** One minute or hour of a queue's history. */
export interface HistoryBucket extends HistoryPeriod {
  /** When it began, ms since 1970. */
  at: number;
}

/** The history of a queue, or of one kind in it. */
export interface QueueHistory {
  queue: string;
  /** Null for all kinds. */
  kind: string | null;
  step: HistoryStep;
  /** When the first bucket began, ms since 1970. */
  since: number;
  /** The end of the period, ms since 1970: at most Redis's time, so the last bucket may be incomplete. */
  until: number;
  /** Every bucket of the period, oldest first. Those in which nothing happened are zero. */
  buckets: HistoryBucket[];
  /** The whole period. */
  period: HistoryPeriod;
  /** Since the queue was created, or since the first version of Telltale that counts. These never decrease. */
  totals: HistoryCounts;
}

/** What history to read. */
export interface HistoryOptions {
  readonly queue: string;
  /** Only jobs of this kind. @default all kinds */
  readonly kind?: string | undefined;
  /** A date, or how long ago. @default as long as buckets of this step are kept: 6 hours of minutes, or 30 days of hours */
  readonly since?: Date | Duration | undefined;
  /** A date, or how long ago. A later one than Redis's time means now. @default now */
  readonly until?: Date | Duration | undefined;
  /** @default "minute", or "hour" if `since` is more than 6 hours ago */
  readonly step?: HistoryStep | undefined;
}
