/** The statuses of a job. The last three end a round. */
export const JOB_STATUSES = ["scheduled", "queued", "running", "retrying", "completed", "failed", "cancelled"] as const;

/** One of `JOB_STATUSES`. */
export type JobStatus = (typeof JOB_STATUSES)[number];

/** The statuses that end a round. Only a rerun changes them. */
export type FinalStatus = "completed" | "failed" | "cancelled";

interface LifecycleRow {
  /** The statuses in which the action is allowed; `none` is a job that does not exist. */
  readonly from: readonly (JobStatus | "none")[];
  readonly to: readonly (JobStatus | "none")[];
  /** Statuses that the action does not change, but in which it sets a mark (`cancelRequested`). */
  readonly marks?: readonly JobStatus[];
  readonly by: string;
}

/**
 * One row for each action that changes a job's status. No other changes are possible. Each action is a script of the `queue`
 * module. Of its other scripts, `run-now`, `remove` and `fire-schedule` promote, prune and submit one job; the rest change no
 * status.
 */
export const LIFECYCLE = {
  submit: { from: ["none"], to: ["queued", "scheduled"], by: "anyone allowed" },
  promote: { from: ["scheduled", "retrying"], to: ["queued"], by: "Redis time" },
  claim: { from: ["queued"], to: ["running"], by: "a worker" },
  complete: { from: ["running"], to: ["completed"], by: "the holder of the lease" },
  fail: { from: ["running"], to: ["retrying", "failed", "cancelled"], by: "the holder of the lease" },
  release: { from: ["running"], to: ["queued", "scheduled", "cancelled"], by: "the holder of the lease" },
  reclaim: { from: ["running"], to: ["retrying", "failed", "cancelled"], by: "anyone, after the lease ran out" },
  cancel: { from: ["scheduled", "queued", "retrying"], to: ["cancelled"], marks: ["running"], by: "anyone allowed" },
  expire: { from: ["scheduled", "queued"], to: ["cancelled"], by: "Redis time, past the job's `startWithin`" },
  condemn: {
    from: ["scheduled", "queued", "running", "retrying"],
    to: ["failed"],
    by: "anyone who meets a record that cannot be read",
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
