import { TelltaleError } from "../errors/error.js";

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration: a number of milliseconds, or text with a unit such as `"250ms"`, `"1.5s"`, `"10m"`, `"24h"` or `"7d"`. */
export type Duration = number | `${number}${keyof typeof UNIT_MS}`;

/** Converts a duration to whole milliseconds. Throws `invalid_config` if it is negative, not finite or malformed. */
export function durationMs(duration: Duration): number {
  const ms = typeof duration === "number" ? duration : parse(duration);
  if (!Number.isFinite(ms) || ms < 0 || ms > Number.MAX_SAFE_INTEGER) {
    throw new TelltaleError(
      "invalid_config",
      `Invalid duration ${JSON.stringify(duration)}. Use milliseconds, or a text such as "250ms", "1.5s" or "10m"`,
    );
  }
  return Math.round(ms);
}

function parse(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text);
  const unit = match?.[2];
  if (unit === undefined || !isUnit(unit)) return Number.NaN;
  return Number(match?.[1]) * UNIT_MS[unit];
}

function isUnit(text: string): text is keyof typeof UNIT_MS {
  return Object.hasOwn(UNIT_MS, text);
}
