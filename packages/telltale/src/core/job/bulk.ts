import type { JobStatus } from "../contract/lifecycle.js";

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
