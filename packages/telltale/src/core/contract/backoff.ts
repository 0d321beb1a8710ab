import { TelltaleError } from "../errors/error.js";
import { type Duration, durationMs } from "./duration.js";

/** How long a failed attempt waits before the next. The worker computes it; a contract only says how. */
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
 * A delay of your own after failed attempt `attempt`, from 1, with ± 20 % jitter and within 100 ms and 24 h. Asked when an
 * attempt begins and when it fails, so it answers at once and the same. Where it throws or answers what is no duration, the
 * default backoff stands in. A worker that was lost is not waited for by it: its jobs wait 1 s, doubling up to 1 min.
 */
export function custom(delay: (attempt: number) => Duration): Backoff {
  if (typeof delay !== "function") throw new TelltaleError("invalid_config", "A custom backoff is a function");
  return { type: "custom", delay };
}

/** What a contract has that says nothing of it. */
export const DEFAULT_BACKOFF = exponential("1s", { max: "1m" });

/** Throws `invalid_config` for a backoff that was not made here and that no worker could wait for. */
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
