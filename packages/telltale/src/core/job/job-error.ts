import type { z } from "zod";
import type { AnyJob, ErrorsOf } from "../contract/contract.js";

/** The codes a job can fail with that no contract declares. The message is fixed: the real one may hold secrets. */
export const JOB_ERRORS = {
  handler_error: "The handler failed.",
  handler_hung: "The handler blocked its process past the timeout.",
  timeout: "The attempt took longer than its timeout.",
  worker_lost: "The worker was lost while it ran the job.",
  invalid_input: "The stored input does not fit the worker's contract.",
  invalid_output: "The handler returned what its contract forbids.",
  corrupt: "The job's record cannot be read.",
} as const;

/** A code of `JOB_ERRORS`. */
export type JobErrorCode = keyof typeof JOB_ERRORS;

/** What a contract's own code looks like; `JOB_ERRORS` keeps to it. */
export const JOB_ERROR_CODE_PATTERN = /^[a-z][a-z0-9_]{0,47}$/;

/** The error of a failed job or attempt: a declared code with its typed data, or one of `JOB_ERRORS`. */
export type JobError<J extends AnyJob> =
  | {
      [C in keyof ErrorsOf<J> & string]: { code: C; message: string; data: z.output<ErrorsOf<J>[C]> };
    }[keyof ErrorsOf<J> & string]
  | { code: JobErrorCode; message: string };
