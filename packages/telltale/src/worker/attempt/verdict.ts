import { JOB_ERRORS, type JobErrorCode } from "../../core/index.js";
import { encode } from "../../core/internal.js";
import type { StoredError } from "../../core/schemas.js";

/** Why an attempt failed unexpectedly. */
interface Fault {
  /** Names, messages and stack, unless they might contain a payload. */
  readonly detail?: string | undefined;
  /** Whether the handler asked for the retry. */
  readonly askedToRetry?: boolean;
}

/** How an attempt ends. `release` does not use up an attempt; `forget` is for a lease that is already lost. */
export type Verdict =
  | { readonly type: "complete"; readonly output: string }
  | {
      readonly type: "fail";
      readonly code: string;
      /** A `StoredError`, encoded. */
      readonly error: string;
      /** Null if the job must not be retried. */
      readonly retryInMs: number | null;
      /**
       * What went wrong, for the log. Undefined if the handler failed the job with an error that its contract declares.
       */
      readonly fault?: Fault;
    }
  | { readonly type: "release" }
  | { readonly type: "forget" };

/** An attempt that failed with one of Telltale's codes. Its message is fixed; only operators see the original one. */
export function failed(
  code: JobErrorCode,
  retryInMs: number | null,
  detail?: string,
): Extract<Verdict, { readonly type: "fail" }> {
  // The parser's message quotes the corrupt record, so it is left out.
  const fault = { detail: code === "corrupt" ? undefined : detail };
  return { type: "fail", code, error: storedError(code, detail), retryInMs, fault };
}

/** The stored form of one of Telltale's errors. */
export function storedError(code: JobErrorCode, detail?: string): string {
  const error: StoredError = { code, message: JOB_ERRORS[code], ...(detail === undefined ? {} : { detail }) };
  return encode(error);
}
