import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { Duration } from "../core/index.js";
import { durationMs } from "../core/internal.js";

/** Reads `30s`, `1.5h` or plain milliseconds. */
export function duration(text: string): number {
  try {
    // The same rules as in code decide what a duration is.
    return durationMs(/^\d+$/.test(text) ? Number(text) : (text as Duration));
  } catch {
    throw new InvalidArgumentError("Use a duration such as 250ms, 30s, 10m, 2h or 7d.");
  }
}

/** Reads a whole number from 1. */
export function count(text: string): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= 1) return number;
  throw new InvalidArgumentError("Use a whole number from 1.");
}

/** Collects the values of an option that can be repeated. */
export function repeated(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}
