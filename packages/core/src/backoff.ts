import { type Duration, durationMs } from "./duration.js";
import { TelltaleError } from "./error.js";

/** How long a failed attempt waits before the next: data, so that a contract stays browser-safe. */
export type Backoff =
  | { readonly type: "fixed"; readonly delayMs: number }
  | { readonly type: "exponential"; readonly delayMs: number; readonly maxMs: number };

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

/** Throws `invalid_config` for a backoff that was not made by the two above and that no worker could wait for. */
export function checkBackoff(backoff: Backoff): Backoff {
  const { type, delayMs } = backoff;
  if (type === "fixed") return fixed(delayMs);
  if (type === "exponential") return exponential(delayMs, { max: backoff.maxMs });
  throw new TelltaleError("invalid_config", `A backoff is fixed(…) or exponential(…), not ${JSON.stringify(type)}`);
}

function bounded(delay: Duration): number {
  const ms = durationMs(delay);
  if (ms < MIN_BACKOFF_MS || ms > MAX_BACKOFF_MS) {
    throw new TelltaleError("invalid_config", `A backoff of ${JSON.stringify(delay)} is not within 100 ms and 24 h`);
  }
  return ms;
}
