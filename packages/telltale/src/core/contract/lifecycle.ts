/** The statuses of a job. The last three end a round. */
export const JOB_STATUSES = ["scheduled", "queued", "running", "retrying", "completed", "failed", "cancelled"] as const;

/** One of `JOB_STATUSES`. */
export type JobStatus = (typeof JOB_STATUSES)[number];

/** The statuses that end a round. Only a rerun changes them. */
export type FinalStatus = "completed" | "failed" | "cancelled";

interface LifecycleRow {
  /** The statuses in which the action is allowed. `none` means that the job does not exist. */
  readonly from: readonly (JobStatus | "none")[];
  /** The possible statuses after the action. */
  readonly to: readonly (JobStatus | "none")[];
  /** Statuses in which the action only sets a flag (`cancelRequested`) and does not change the status. */
  readonly marks?: readonly JobStatus[];
  /** Who or what takes the action. */
  readonly by: string;
}

/**
 * One row for each action that changes a job's status. No other changes are possible. Each action is a script of the `queue`
 * module. Three of its other scripts take one of these actions for a single job: `run-now` promotes, `remove` prunes and
 * `fire-schedule` submits. The rest do not change a status.
 */
export const LIFECYCLE = {
  submit: { from: ["none"], to: ["queued", "scheduled"], by: "any caller with permission" },
  promote: { from: ["scheduled", "retrying"], to: ["queued"], by: "Redis time" },
  claim: { from: ["queued"], to: ["running"], by: "a worker" },
  complete: { from: ["running"], to: ["completed"], by: "the holder of the lease" },
  fail: { from: ["running"], to: ["retrying", "failed", "cancelled"], by: "the holder of the lease" },
  release: { from: ["running"], to: ["queued", "scheduled", "cancelled"], by: "the holder of the lease" },
  reclaim: { from: ["running"], to: ["retrying", "failed", "cancelled"], by: "any process, after the lease expired" },
  cancel: {
    from: ["scheduled", "queued", "retrying"],
    to: ["cancelled"],
    marks: ["running"],
    by: "any caller with permission",
  },
  expire: { from: ["scheduled", "queued"], to: ["cancelled"], by: "Redis time, past the job's `startWithin`" },
  condemn: {
    from: ["scheduled", "queued", "running", "retrying"],
    to: ["failed"],
    by: "any process that finds a record it cannot read",
  },
  rerun: { from: ["completed", "failed", "cancelled"], to: ["queued"], by: "an operator" },
  prune: { from: ["completed", "failed", "cancelled"], to: ["none"], by: "retention" },
} as const satisfies Record<string, LifecycleRow>;

/** The name of a row of `LIFECYCLE`. */
export type LifecycleAction = keyof typeof LIFECYCLE;

/** Whether a status ends a round. */
export function isFinal(status: JobStatus): status is FinalStatus {
  return status === "completed" || status === "failed" || status === "cancelled";
}
