import type { z } from "zod";
import type { AnyJob, ErrorsOf } from "../contract/contract.js";

/**
 * The error codes with which any job can fail, and their messages. The messages are fixed, because the message of a handler's
 * error may contain secrets.
 */
export const JOB_ERRORS = {
  handler_error: "The handler failed.",
  handler_hung: "The handler blocked its process past the timeout.",
  timeout: "The attempt took longer than its timeout.",
  worker_lost: "The worker was lost while it ran the job.",
  invalid_input: "The stored input does not fit the worker's contract.",
  invalid_output: "The handler's output does not fit its contract.",
  corrupt: "The job's record cannot be read.",
} as const;

/** A code of `JOB_ERRORS`. */
export type JobErrorCode = keyof typeof JOB_ERRORS;

/** The form of error codes, those of `JOB_ERRORS` and those of contracts. */
export const JOB_ERROR_CODE_PATTERN = /^[a-z][a-z0-9_]{0,47}$/;

/** The error of a failed job or attempt: a code of its contract with typed data, or a code of `JOB_ERRORS`. */
export type JobError<J extends AnyJob> =
  | {
      [C in keyof ErrorsOf<J> & string]: { code: C; message: string; data: z.output<ErrorsOf<J>[C]> };
    }[keyof ErrorsOf<J> & string]
  | { code: JobErrorCode; message: string };
