import type { AnyJob, InputOf } from "../contract/contract.js";
import type { JobEvent } from "./event.js";
import type { JobError } from "./job-error.js";
import type { Priority } from "./submit-options.js";
import type { WorkerIdentity } from "./worker-identity.js";

/** The error of one failed attempt. `at` is when it failed: Redis's time, ms since 1970. */
export type AttemptError<J extends AnyJob> = { round: number; attempt: number; at: number } & JobError<J>;

/**
 * How an attempt ended. `released` means that its worker gave the job back without running it to the end, because it stopped or did not
 * know the contract's version; such an attempt does not count.
 */
export type AttemptOutcome = "running" | "completed" | "failed" | "cancelled" | "released";

/** One attempt of a job. Times are Redis's, in ms since 1970. */
export interface JobAttempt<J extends AnyJob> {
  round: number;
  /** The number of the attempt in its round, from 1. One that follows a released attempt has the same number. */
  attempt: number;
  outcome: AttemptOutcome;
  startedAt: number;
  /** Absent while the attempt runs. */
  endedAt?: number;
  /** How long the job had been queued when the attempt started, ms. */
  waitedMs: number;
  /** How long the attempt took, ms. Absent while it runs. */
  ranMs?: number;
  /** Why the attempt failed. */
  error?: JobError<J>;
  /** Which worker ran it. Only operators see this. */
  worker?: WorkerIdentity;
}

/** The fields of `get` that are not part of the job's latest event. */
export interface JobDetailBase<J extends AnyJob> {
  /** When the job was submitted: Redis's time, ms since 1970. */
  createdAt: number;
  /** When the latest attempt started: Redis's time, ms since 1970. Absent before the first. */
  startedAt?: number;
  /** When the round ended: Redis's time, ms since 1970. Absent until then. */
  finishedAt?: number;
  /** How long the job had been queued when the latest attempt started, ms. Absent before the first. */
  waitedMs?: number;
  /** How long the latest attempt took, ms. Absent until it has ended. */
  ranMs?: number;
  /** The tags of the submit. */
  tags: string[];
  /** The priority of the submit. */
  priority: Priority;
  /** The most attempts in a round. */
  attempts: number;
  /** While the job is scheduled or waits for a retry: when it is due, ms since 1970. */
  runAt?: number;
  /** The last ten attempts of any round, oldest first. */
  story: JobAttempt<J>[];
  /** The errors of the last ten failed attempts of any round, oldest first. */
  errors: AttemptError<J>[];
  /** The input as it was submitted. Only operators and the owner of the job see it. */
  input?: InputOf<J>;
}

/** The current state of a job: its latest event, with further details. */
export type JobDetail<J extends AnyJob> = J extends AnyJob ? JobEvent<J> & JobDetailBase<J> : never;
