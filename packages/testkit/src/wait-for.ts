import { setTimeout as delay } from "node:timers/promises";

/** The options of `waitFor`. */
export interface WaitForOptions {
  /** How long to wait at most. @default 5000 */
  readonly timeoutMs?: number;
  /** What the test waits for, for the error message, such as "the job to be retried". @default the source of the condition */
  readonly what?: string;
  /** The time between two checks, in ms. @default 10 */
  readonly everyMs?: number;
}

/**
 * Checks a condition until it is truthy and resolves with its value. Rejects after `timeoutMs`, even if the condition itself
 * hangs; the error contains the last value. If the condition throws, rejects with that error at once.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitForOptions = {},
): Promise<NonNullable<T>> {
  const { timeoutMs = 5_000, what = condition.toString().replace(/\s+/g, " "), everyMs = 10 } = options;
  const over = new AbortController();
  const timeout = setTimeout(() => over.abort(), timeoutMs);
  const isOver = new Promise<undefined>((resolve) => {
    over.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  let last = "none, it had not settled";
  try {
    while (!over.signal.aborted) {
      const value = await Promise.race([Promise.resolve(condition()), isOver]);
      if (value) return value;
      if (!over.signal.aborted) {
        last = String(value);
        await delay(everyMs);
      }
    }
  } finally {
    clearTimeout(timeout);
  }
  throw new Error(`Waited ${timeoutMs} ms for ${what}; its last value was: ${last}`);
}
