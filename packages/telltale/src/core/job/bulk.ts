import type { JobStatus } from "../contract/lifecycle.js";
import type { JobFilter } from "../wire/job-filter.js";

/** The statuses in which each bulk action can change a job. */
export const BULK_ACTIONS = {
  cancel: ["scheduled", "queued", "retrying", "running"],
  rerun: ["failed", "cancelled", "completed"],
  remove: ["failed", "cancelled", "completed"],
  runNow: ["scheduled", "retrying"],
} as const satisfies Record<string, readonly JobStatus[]>;

/** What to do with all jobs that match a filter. */
export type BulkAction = keyof typeof BULK_ACTIONS;

/** Why a bulk action left a job as it was. */
export type BulkSkip =
  /** It no longer matches the filter, because something else changed it in the meantime. */
  | "changed"
  /** It was deleted in the meantime. */
  | "gone"
  /** Its record is damaged. Workers fail such jobs as `corrupt`. */
  | "unreadable"
  /** Another unfinished job has its unique key, so it cannot be rerun. */
  | "unique_conflict"
  /** Its owner would have too much outstanding. */
  | "too_many";

/** How far a bulk action has come. All numbers count from its beginning, also after it was stopped and resumed. */
export interface BulkProgress {
  /** How many records were read. */
  seen: number;
  /** How many of them match the filter. */
  matched: number;
  /** How many jobs were changed. 0 in a dry run. */
  done: number;
  /** Of a cancel: how many of those were running, so that their workers were asked to stop them. */
  requested: number;
  /** How many jobs matched and were left as they were, by reason. */
  skipped: Partial<Record<BulkSkip, number>>;
  /** Continues the action. Null once it has finished. */
  cursor: string | null;
  finished: boolean;
}

/** Options of an action on many jobs. */
export interface BulkOptions {
  /** Whether to only count the matching jobs. @default false */
  readonly dryRun?: boolean | undefined;
  /** The cursor of a progress of the same action with the same filter, to resume it. */
  readonly cursor?: string | undefined;
  /** Ends the iteration after the current step. The cursor of the last progress resumes the action. */
  readonly signal?: AbortSignal | undefined;
}

/** One action on all jobs that match a filter. Yields its progress after each step, of at most 100 jobs. Makes no call before that. */
export type BulkRun = (filter: JobFilter, options?: BulkOptions) => AsyncGenerator<BulkProgress, void, undefined>;

/**
 * Actions on all jobs that match a filter, in bounded steps. Jobs that were submitted after an action began are left alone. Rejects with
 * `invalid_input` for an invalid filter, a status to which the action does not apply, and the cursor of another action.
 */
export interface Bulk {
  /** Cancels waiting jobs, and asks the workers of running ones to stop them. */
  readonly cancel: BulkRun;
  /** Reruns finished jobs. The filter must name their statuses. */
  readonly rerun: BulkRun;
  /** Deletes finished jobs. The filter must name their statuses. */
  readonly remove: BulkRun;
  /** Queues scheduled and retrying jobs before they are due. */
  readonly runNow: BulkRun;
}
