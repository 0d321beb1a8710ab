import { TelltaleError } from "../errors/error.js";
import { type Duration, durationMs } from "./duration.js";

/** How long to wait between a failed attempt and the next one. Create it with `fixed`, `exponential` or `custom`. */
export type Backoff =
  | { readonly type: "fixed"; readonly delayMs: number }
  | { readonly type: "exponential"; readonly delayMs: number; readonly maxMs: number }
  | { readonly type: "custom"; readonly delay: (attempt: number) => Duration };

const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 86_400_000;

/** Waits `delay` before every retry, with ± 20 % jitter. Throws `invalid_config` if the delay is not 100 ms to 24 h. */
export function fixed(delay: Duration): Backoff {
  return { type: "fixed", delayMs: bounded(delay) };
}

/**
 * Waits `first` before the first retry and doubles the delay with every attempt, up to `max`, with ± 20 % jitter. Throws
 * `invalid_config` if one of the two is not 100 ms to 24 h. @default max 24 h
 */
export function exponential(first: Duration, options: Readonly<{ max?: Duration }> = {}): Backoff {
  return { type: "exponential", delayMs: bounded(first), maxMs: bounded(options.max ?? MAX_BACKOFF_MS) };
}

/**
 * Computes each delay with a function of the number of the failed attempt, counted from 1. Results outside 100 ms to 24 h are
 * clamped, and get ± 20 % jitter. The function is called when an attempt starts and again when it fails. It must return without
 * waiting, and return the same value both times. If it throws or does not return a duration, the default backoff applies.
 *
 * Attempts that are lost with their worker do not use the function. They are retried after 1 s, doubling up to 1 min.
 */
export function custom(delay: (attempt: number) => Duration): Backoff {
  if (typeof delay !== "function")
    throw new TelltaleError("invalid_config", "custom() needs a function that returns a delay");
  return { type: "custom", delay };
}

/** The backoff of contracts that do not set one: 1 s, doubling up to 1 min. */
export const DEFAULT_BACKOFF = exponential("1s", { max: "1m" });

/** Returns the validated backoff. Throws `invalid_config` for one that the functions above could not have created. */
export function checkBackoff(backoff: Backoff): Backoff {
  switch (backoff.type) {
    case "fixed":
      return fixed(backoff.delayMs);
    case "exponential":
      return exponential(backoff.delayMs, { max: backoff.maxMs });
    case "custom":
      return custom(backoff.delay);
    default: {
      const { type }: { type: unknown } = backoff;
      throw new TelltaleError(
        "invalid_config",
        `Unknown type of backoff: ${JSON.stringify(type)}. Use fixed(), exponential() or custom()`,
      );
    }
  }
}

function bounded(delay: Duration): number {
  const ms = durationMs(delay);
  if (ms < MIN_BACKOFF_MS || ms > MAX_BACKOFF_MS) {
    throw new TelltaleError(
      "invalid_config",
      `The delay of a backoff must be 100 ms to 24 h, not ${JSON.stringify(delay)}`,
    );
  }
  return ms;
}
