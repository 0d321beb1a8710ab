import { ERROR_CODES, type ErrorCode, TelltaleError } from "../../core/index.js";
import { backoffMs } from "../backoff.js";
import { toTelltaleError } from "../to-telltale-error.js";
import type { Closing } from "../transport/closing.js";
import { withDeadline } from "./with-deadline.js";

const MAX_TRIES = 5;
const TRY_MS = 6_000;
const TOTAL_MS = 20_000;

/**
 * Errors that are the same for every try with the same keys. If one try gets such an error, an earlier try whose reply was lost
 * has not created a job either.
 */
const SETTLES_ALL_TRIES: ReadonlySet<ErrorCode> = new Set([
  "invalid_input",
  "unknown_kind",
  "too_large",
  "idempotency_conflict",
  "unique_conflict",
]);

/**
 * Makes an idempotent call, with up to 5 tries in 20 s. Rejects with the error of the last try. If an earlier try may have been
 * executed and that error does not rule it out, rejects with `outcome_unknown`.
 */
export async function untilAnswered<T>(closing: Closing, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = performance.now() + TOTAL_MS;
  let mayHaveRun = false;
  for (let tries = 1; ; tries++) {
    try {
      const ms = Math.min(TRY_MS, deadline - performance.now());
      return await withDeadline({ ms, closing }, call);
    } catch (cause) {
      const error = toTelltaleError(cause);
      mayHaveRun ||= error.code === "outcome_unknown";
      const delayMs = backoffMs(tries - 1);
      const isOver = tries === MAX_TRIES || performance.now() + delayMs > deadline;
      if (isOver || !ERROR_CODES[error.code].retry) throw verdict(error, mayHaveRun);
      await pause(delayMs, closing);
    }
  }
}

function verdict(error: TelltaleError, mayHaveRun: boolean): TelltaleError {
  if (!mayHaveRun || error.code === "outcome_unknown" || SETTLES_ALL_TRIES.has(error.code)) return error;
  return new TelltaleError("outcome_unknown", undefined, { cause: error });
}

async function pause(ms: number, closing: Closing): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      closing.off(done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    closing.on(done);
  });
}
