import { TelltaleError } from "../errors/error.js";
import { type Duration, durationMs } from "./duration.js";

/** How long to wait after a failed attempt before the next one. Made by `fixed`, `exponential` or `custom`. */
export type Backoff =
  | { readonly type: "fixed"; readonly delayMs: number }
  | { readonly type: "exponential"; readonly delayMs: number; readonly maxMs: number }
  | { readonly type: "custom"; readonly delay: (attempt: number) => Duration };

const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 86_400_000;

/** The same delay before every retry, 100 ms to 24 h, with ± 20 % jitter. */
export function fixed(delay: Duration): Backoff {
  return { type: "fixed", delayMs: bounded(delay) };
}

/** A delay that doubles with every attempt, from `first` up to `max`, with ± 20 % jitter. @default max 24 h */
export function exponential(first: Duration, options: Readonly<{ max?: Duration }> = {}): Backoff {
  return { type: "exponential", delayMs: bounded(first), maxMs: bounded(options.max ?? MAX_BACKOFF_MS) };
}

/**
 * A delay computed by a function of the number of the failed attempt, which starts at 1. The result is kept between 100 ms and
 * 24 h, and gets ± 20 % jitter. The function is called when an attempt starts and when it fails, so it must return at once and
 * return the same value both times. If it throws or returns something that is not a duration, the default backoff applies.
 * It does not apply to attempts lost with their worker: these wait 1 s, doubling up to 1 min.
 */
export function custom(delay: (attempt: number) => Duration): Backoff {
  if (typeof delay !== "function")
    throw new TelltaleError("invalid_config", "custom() needs a function that returns a delay");
  return { type: "custom", delay };
}

/** The backoff of contracts that do not set one. */
export const DEFAULT_BACKOFF = exponential("1s", { max: "1m" });

/** Returns the backoff, or throws `invalid_config` if it is not one that the functions above could have made. */
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
        `A backoff is fixed, exponential or custom, not ${JSON.stringify(type)}`,
      );
    }
  }
}

function bounded(delay: Duration): number {
  const ms = durationMs(delay);
  if (ms < MIN_BACKOFF_MS || ms > MAX_BACKOFF_MS) {
    throw new TelltaleError("invalid_config", `A backoff of ${JSON.stringify(delay)} is not within 100 ms and 24 h`);
  }
  return ms;
}
