import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { Duration } from "../core/index.js";
import { durationMs } from "../core/internal.js";

/** Reads `30s`, `1.5h` or plain milliseconds. */
export function duration(text: string): number {
  try {
    // What is no duration is refused by the same rules as in code.
    return durationMs(/^\d+$/.test(text) ? Number(text) : (text as Duration));
  } catch {
    throw new InvalidArgumentError("A duration is 250ms, 30s, 10m, 2h or 7d.");
  }
}

/** Reads a whole number from 1. */
export function count(text: string): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= 1) return number;
  throw new InvalidArgumentError("It is a whole number from 1.");
}

/** Reads one more of an option that can be repeated. */
export function repeated(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}
