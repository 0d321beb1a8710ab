import type { Logger } from "../../core/index.js";
import type { Verdict } from "./verdict.js";

/** An attempt that failed, and the resulting status of its job. */
export interface FailedAttempt {
  readonly verdict: Extract<Verdict, { readonly type: "fail" }>;
  readonly status: "retrying" | "failed" | "cancelled";
  /** The number of attempts that the job may use. */
  readonly attempts: number;
  /** Whether to log the handler's own error, whose message may contain anything. */
  readonly withStack: boolean;
}

/** Logs how an attempt failed. An error that the contract declares is treated as a result, not a fault. */
export function tellFailure(logger: Logger, { verdict, status, attempts, withStack }: FailedAttempt): void {
  const { code, retryInMs, fault } = verdict;
  if (status === "cancelled" || !fault) {
    logger.info({ status, code }, "attempt settled");
    return;
  }
  const stack = withStack && fault.detail !== undefined ? { stack: fault.detail } : {};
  if (status === "retrying") {
    logger.warn({ code, retryInMs, ...stack }, "attempt failed; the job will be retried");
  } else if (fault.askedToRetry === true) {
    logger.error(
      { code, attempts, ...stack },
      "job failed: retryAfter had no effect because no attempts are left; raise `retry.attempts` in the contract",
    );
  } else {
    logger.error({ code, attempts, ...stack }, "job failed");
  }
}
