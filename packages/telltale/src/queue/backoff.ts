import type { Backoff, Duration } from "../core/index.js";
import { assertNever, DEFAULT_BACKOFF, durationMs } from "../core/internal.js";

const JITTER = 0.2;
const MIN_MS = 100;
const MAX_MS = 86_400_000;

/**
 * Returns how long to wait before the retry that follows failed attempt number `attempt` (the first is 1), in ms. This is the
 * contract's backoff with ± 20 % jitter, at least 100 ms and at most 24 h.
 */
export function retryDelayMs(backoff: Backoff, attempt: number, random: () => number = Math.random): number {
  const jitter = 1 + (random() * 2 - 1) * JITTER;
  return Math.min(Math.max(Math.round(plainDelayMs(backoff, attempt) * jitter), MIN_MS), MAX_MS);
}

function plainDelayMs(backoff: Backoff, attempt: number): number {
  switch (backoff.type) {
    case "fixed":
      return backoff.delayMs;
    case "exponential":
      return Math.min(backoff.delayMs * 2 ** (attempt - 1), backoff.maxMs);
    case "custom":
      return customDelayMs(backoff.delay, attempt);
    default:
      return assertNever(backoff);
  }
}

// The job must be retried even if the contract's function fails, so the default backoff replaces an unusable result.
function customDelayMs(delay: (attempt: number) => Duration, attempt: number): number {
  try {
    const answer = delay(attempt);
    if (typeof answer !== "object") return durationMs(answer);
    // An async function returned a promise. Its unhandled rejection would end the process.
    Promise.resolve(answer).catch(() => {});
  } catch {
    // The function threw, or returned an invalid duration.
  }
  return plainDelayMs(DEFAULT_BACKOFF, attempt);
}
