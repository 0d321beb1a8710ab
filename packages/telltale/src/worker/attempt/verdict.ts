import { JOB_ERRORS, type JobErrorCode } from "../../core/index.js";
import { encode } from "../../core/internal.js";
import type { StoredError } from "../../core/schemas.js";

/** What is told of an attempt that failed against its will. */
interface Fault {
  /** Names, messages and stack, where none of it can be a payload. */
  readonly detail?: string | undefined;
  /** The handler asked for the retry itself. */
  readonly askedToRetry?: boolean;
}

/** How an attempt ends. `release` gives the job back unspent; `forget` is for a lease that is gone already. */
export type Verdict =
  | { readonly type: "complete"; readonly output: string }
  | {
      readonly type: "fail";
      readonly code: string;
      /** A `StoredError`, encoded. */
      readonly error: string;
      /** null: not to be tried again. */
      readonly retryInMs: number | null;
      /** What went wrong, for the log; absent where the handler ended the job with an error that its contract declares. */
      readonly fault?: Fault;
    }
  | { readonly type: "release" }
  | { readonly type: "forget" };

/** An attempt that failed with one of Telltale's own codes: the message is fixed, the real one goes to operators. */
export function failed(
  code: JobErrorCode,
  retryInMs: number | null,
  detail?: string,
): Extract<Verdict, { readonly type: "fail" }> {
  // Why a record is corrupt is said by a parser, which quotes it.
  const fault = { detail: code === "corrupt" ? undefined : detail };
  return { type: "fail", code, error: storedError(code, detail), retryInMs, fault };
}

/** The stored form of one of Telltale's own errors. */
export function storedError(code: JobErrorCode, detail?: string): string {
  const error: StoredError = { code, message: JOB_ERRORS[code], ...(detail === undefined ? {} : { detail }) };
  return encode(error);
}
