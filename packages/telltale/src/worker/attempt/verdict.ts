import { JOB_ERRORS, type JobErrorCode } from "../../core/index.js";
import { encode } from "../../core/internal.js";
import type { StoredError } from "../../core/schemas.js";

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
    }
  | { readonly type: "release" }
  | { readonly type: "forget" };

/** An attempt that failed with one of Telltale's own codes: the message is fixed, the real one goes to operators. */
export function failed(code: JobErrorCode, retryInMs: number | null, detail?: string): Verdict {
  return { type: "fail", code, error: storedError(code, detail), retryInMs };
}

/** The stored form of one of Telltale's own errors. */
export function storedError(code: JobErrorCode, detail?: string): string {
  const error: StoredError = { code, message: JOB_ERRORS[code], ...(detail === undefined ? {} : { detail }) };
  return encode(error);
}
