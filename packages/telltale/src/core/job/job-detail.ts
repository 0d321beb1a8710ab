import type { AnyJob } from "../contract/contract.js";
import type { JobEvent } from "./event.js";
import type { JobError } from "./job-error.js";
import type { Priority } from "./submit-options.js";

/** What went wrong with one attempt. */
export type AttemptError<J extends AnyJob> = { round: number; attempt: number; at: number } & JobError<J>;

/** What `get` answers besides the event of the job's status. */
export interface JobDetailBase<J extends AnyJob> {
  /** Redis time it was submitted, ms since 1970. */
  createdAt: number;
  tags: string[];
  priority: Priority;
  /** The most its contract allows in a round. */
  attempts: number;
  /** While it waits for its time or its retry: when that is, ms since 1970. */
  runAt?: number;
  /** Of the last ten attempts that failed, oldest first, whatever round. */
  errors: AttemptError<J>[];
}

/** A job as it stands: the event a watcher would be given, and what no event says. */
export type JobDetail<J extends AnyJob> = J extends AnyJob ? JobEvent<J> & JobDetailBase<J> : never;
