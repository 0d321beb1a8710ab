import { hasCode } from "../../core/index.js";
import { pause, repeatDelayMs } from "../waiting.js";

/**
 * Repeats a call with the same arguments until Redis answers it, which is safe because all scripts are idempotent.
 * Rejects with errors that a repeat would not change (`lease_lost`, `redis_full`), or with the last error once the
 * signal aborts.
 */
export async function persist<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await call();
    } catch (error) {
      if (!isUnanswered(error) || signal.aborted) throw error;
      await pause(repeatDelayMs(failures), signal);
      if (signal.aborted) throw error;
    }
  }
}

function isUnanswered(error: unknown): boolean {
  return hasCode(error, "redis_unavailable") || hasCode(error, "outcome_unknown");
}
