import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { Duration } from "../core/index.js";
import { durationMs } from "../core/internal.js";

/** Parses a duration such as `30s` or `1.5h`, or a number of milliseconds. */
export function duration(text: string): number {
  try {
    // Uses the same parser as durations in code.
    return durationMs(/^\d+$/.test(text) ? Number(text) : (text as Duration));
  } catch {
    throw new InvalidArgumentError("Use a duration such as 250ms, 30s, 10m, 2h or 7d.");
  }
}

/** Parses a whole number of at least 1. */
export function count(text: string): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= 1) return number;
  throw new InvalidArgumentError("Use a whole number from 1.");
}

/** Collects the values of an option that can be repeated. */
export function repeated(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/**
 * Parses a time: a time of day (`12:00`, the last one, by the clock and time zone of this machine), a duration (`2h` ago), or a date with
 * or without a time (`2026-10-01`, `2026-10-01T12:00:00Z`).
 */
export function moment(text: string): Date {
  const now = new Date();
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (clock) {
    const time = new Date(now);
    time.setHours(Number(clock[1]), Number(clock[2]), 0, 0);
    if (time > now) time.setDate(time.getDate() - 1);
    return time;
  }
  const ago = /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text) ? duration(text) : null;
  const time =
    ago === null && /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : new Date(now.getTime() - (ago ?? Number.NaN));
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError("Use a time such as 12:00, 2h, 2026-10-01 or 2026-10-01T12:00:00Z.");
}
