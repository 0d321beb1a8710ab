import type { AnyJob } from "../contract/contract.js";
import type { JobEvent } from "./event.js";
import type { JobError } from "./job-error.js";
import type { Priority } from "./submit-options.js";

/** The error of one failed attempt. `at` is when it failed: Redis's time, ms since 1970. */
export type AttemptError<J extends AnyJob> = { round: number; attempt: number; at: number } & JobError<J>;

/** The fields of `get` that are not part of the job's latest event. */
export interface JobDetailBase<J extends AnyJob> {
  /** When the job was submitted: Redis's time, ms since 1970. */
  createdAt: number;
  /** The tags of the submit. */
  tags: string[];
  /** The priority of the submit. */
  priority: Priority;
  /** The most attempts in a round. */
  attempts: number;
  /** While the job is scheduled or waits for a retry: when it is due, ms since 1970. */
  runAt?: number;
  /** The errors of the last ten failed attempts of any round, oldest first. */
  errors: AttemptError<J>[];
}

/** The current state of a job: its latest event, with further details. */
export type JobDetail<J extends AnyJob> = J extends AnyJob ? JobEvent<J> & JobDetailBase<J> : never;
