import { Cron } from "croner";
import { TelltaleError } from "../../core/index.js";
import type { Timing } from "./timing.js";

// Five fields. Letters are names of months and days, and L, W and # of the last, the nearest working and the nth day.
const EXPRESSION = /^[0-9A-Za-z*,/#-]+( [0-9A-Za-z*,/#-]+){4}$/;
const TIME_ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/;

/** How far croner may look: an expression that never fires (31 February) would lead it to the year 3000. */
const REACH_YEARS = 5;

/**
 * The first instant after `afterMs`, or null where there is none within five years. Throws `invalid_input` for a timing
 * that cannot be used, a zone this machine does not know among them. Takes under a few ms, whatever the expression.
 *
 * Where clocks change, an expression whose minute and hour are without `*` and `/` names times of the day, and each such
 * time fires once a day: one that the clock jumps over at the end of the jump, one that it shows twice the first time.
 * Any other expression names what a clock shows, and fires whenever it shows it: not in the jump, and both times.
 */
export function nextInstant(timing: Timing, afterMs: number): number | null {
  if ("everyMs" in timing) return (Math.floor(afterMs / timing.everyMs) + 1) * timing.everyMs;
  return using(timing, [afterMs, 0, REACH_YEARS], (cron) => cron.nextRun(new Date(afterMs)));
}

/** The last instant up to `atMs`, itself included, or null where there was none within five years. Throws as `nextInstant`. */
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
  // With a year's field the search ends there; a year more on both sides, because zones are apart by up to a day.
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
