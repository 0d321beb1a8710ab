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
