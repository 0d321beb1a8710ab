import { setTimeout as delay } from "node:timers/promises";

/** How long to wait, and what for. */
export interface WaitForOptions {
  /** @default 5000 */
  readonly timeoutMs?: number;
  /** What is waited for, for the message: "the job to be retried". */
  readonly what?: string;
  /** @default 10 */
  readonly everyMs?: number;
}

/**
 * Asks until the condition is truthy and resolves with what it then was. Rejects after `timeoutMs` with what it last
 * was, also when the condition itself hangs; an error it throws ends the wait, since a broken question has no answer.
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
  let last = "nothing, it had not answered";
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
  throw new Error(`Waited ${timeoutMs} ms for ${what}; it last was: ${last}`);
}
