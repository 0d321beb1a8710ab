import { Cron } from "croner";
import { TelltaleError } from "../../core/index.js";
import type { Timing } from "./timing.js";

// Five fields. Letters are names of months and days. L, W and # mean the last, the nearest working, and the nth day.
const EXPRESSION = /^[0-9A-Za-z*,/#-]+( [0-9A-Za-z*,/#-]+){4}$/;
const TIME_ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/;

/** How far ahead croner may search. For an expression that never fires, such as 31 February, it would search until the year 3000. */
const REACH_YEARS = 5;

/**
 * Returns the first time after `afterMs`, or null if there is none within five years. Throws `invalid_input` for an invalid timing
 * or an unknown time zone. Takes at most a few ms with any expression.
 *
 * When clocks change: if neither the minute nor the hour of an expression contains `*` or `/`, it names times of the day, and each
 * fires once a day: a time that is skipped fires at the end of the skipped period, and a time that occurs twice fires the first
 * time. All other expressions fire whenever a clock shows a matching time: not in a skipped period, and twice in a repeated one.
 */
export function nextInstant(timing: Timing, afterMs: number): number | null {
  if ("everyMs" in timing) return (Math.floor(afterMs / timing.everyMs) + 1) * timing.everyMs;
  return using(timing, [afterMs, 0, REACH_YEARS], (cron) => cron.nextRun(new Date(afterMs)));
}

/** Returns the last time up to and including `atMs`, or null if there was none within five years. Throws like `nextInstant`. */
export function lastInstant(timing: Timing, atMs: number): number | null {
  if ("everyMs" in timing) return Math.floor(atMs / timing.everyMs) * timing.everyMs;
  return using(timing, [atMs, REACH_YEARS, 0], (cron) => cron.previousRuns(1, new Date(atMs + 1))[0]);
}

function using(
  { cron: expression, timeZone }: Extract<Timing, { cron: string }>,
  [fromMs, back, ahead]: readonly [number, back: number, ahead: number],
  ask: (cron: Cron) => Date | null | undefined,
): number | null {
  if (!EXPRESSION.test(expression))
    throw unusable(`${JSON.stringify(expression)} is not a cron expression of five fields`);
  if (!TIME_ZONE.test(timeZone) || !isKnown(timeZone))
    throw unusable(`There is no time zone ${JSON.stringify(timeZone)}`);
  // A field for years ends the search. One more year on both sides, because time zones differ by up to a day.
  const year = new Date(fromMs).getUTCFullYear();
  const bounded = `0 ${expression} ${year - back - 1}-${year + ahead + 1}`;
  try {
    const cron = new Cron(bounded, { timezone: timeZone, mode: "7-part", fixedTimeRule: "no-wildcard" });
    return ask(cron)?.getTime() ?? null;
  } catch (cause) {
    throw unusable(`${JSON.stringify(expression)} is not a cron expression`, cause);
  }
}

function isKnown(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}

function unusable(message: string, cause?: unknown): TelltaleError {
  return new TelltaleError("invalid_input", message, { cause });
}
