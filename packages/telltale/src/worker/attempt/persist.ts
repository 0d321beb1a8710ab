import { hasCode } from "../../core/index.js";
import type { AbortOnDemand } from "../abort-on-demand.js";
import { pause, repeatDelayMs } from "../waiting.js";

/**
 * Repeats a call with the same arguments until Redis answers it, which is safe because all scripts are idempotent.
 * Rejects with errors that a repeat would not change (`lease_lost`, `redis_full`), or with the last error once
 * `giveUp` is aborted.
 */
export async function persist<T>(call: () => Promise<T>, giveUp: AbortOnDemand): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await call();
    } catch (error) {
      if (!isUnanswered(error) || giveUp.aborted) throw error;
      await pause(repeatDelayMs(failures), giveUp.signal);
      if (giveUp.aborted) throw error;
    }
  }
}

function isUnanswered(error: unknown): boolean {
  return hasCode(error, "redis_unavailable") || hasCode(error, "outcome_unknown");
}
