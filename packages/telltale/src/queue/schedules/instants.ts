import { Cron } from "croner";
import { TelltaleError } from "../../core/index.js";
import type { Timing } from "./timing.js";
import { WallClock } from "./wall-clock.js";

// Five fields. Letters are names of months and days, or L (last day) and W (nearest working day). # is the nth day of the week.
const EXPRESSION = /^[0-9A-Za-z*,/#-]+( [0-9A-Za-z*,/#-]+){4}$/;
const TIME_ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/;

/** How many years croner may search. For an expression that never fires, such as 31 February, it would search until the year 3000. */
const MAX_SEARCH_YEARS = 5;

/**
 * Returns the first time after `afterMs`, or null if there is none within five years. Throws `invalid_input` for an invalid timing
 * or an unknown time zone. Takes at most a few ms with any expression.
 *
 * Daylight saving time: an expression whose minute and hour contain neither `*` nor `/` names times of the day. Each of them fires
 * once a day: a time that the clock skips fires at the end of the skipped period, and a time that occurs twice fires the first time.
 * All other expressions fire whenever the clock shows a matching time: never in a skipped period, and twice in a repeated one.
 */
export function nextInstant(timing: Timing, afterMs: number): number | null {
  if ("everyMs" in timing) return (Math.floor(afterMs / timing.everyMs) + 1) * timing.everyMs;
  const span = { fromMs: afterMs, back: 0, ahead: MAX_SEARCH_YEARS };
  if (!namesTimesOfDay(timing)) return firstOf(cronOf(timing, span).nextRun(new Date(afterMs)));
  const clock = wallClock(timing.timeZone);
  const cron = cronOf({ ...timing, timeZone: "UTC" }, span);
  let local = cron.nextRun(new Date(clock.at(afterMs)));
  // Times in a repeated hour already fired the first time.
  while (local && clock.instantOf(local.getTime()) <= afterMs) local = cron.nextRun(local);
  return local && clock.instantOf(local.getTime());
}

/** Returns the last time up to and including `atMs`, or null if there was none within five years. Throws like `nextInstant`. */
export function lastInstant(timing: Timing, atMs: number): number | null {
  if ("everyMs" in timing) return Math.floor(atMs / timing.everyMs) * timing.everyMs;
  const span = { fromMs: atMs, back: MAX_SEARCH_YEARS, ahead: 0 };
  if (!namesTimesOfDay(timing)) return firstOf(cronOf(timing, span).previousRuns(1, new Date(atMs + 1))[0]);
  const clock = wallClock(timing.timeZone);
  const cron = cronOf({ ...timing, timeZone: "UTC" }, span);
  let local = cron.previousRuns(1, new Date(clock.latestUpTo(atMs) + 1))[0];
  while (local && clock.instantOf(local.getTime()) > atMs) local = cron.previousRuns(1, local)[0];
  return local ? clock.instantOf(local.getTime()) : null;
}

type CronTiming = Extract<Timing, { cron: string }>;

/**
 * Whether an expression names times of the day; see `nextInstant`. croner has its own rule for such expressions, but misses times
 * that the clock skips at midnight, as in America/Nuuk. So croner computes these in local time, as if it were UTC.
 */
function namesTimesOfDay({ cron }: CronTiming): boolean {
  const [minute = "", hour = ""] = cron.split(" ");
  return !/[*/]/.test(minute + hour);
}

function cronOf(
  { cron: expression, timeZone }: CronTiming,
  { fromMs, back, ahead }: Readonly<{ fromMs: number; back: number; ahead: number }>,
): Cron {
  if (!EXPRESSION.test(expression))
    throw unusable(
      `Invalid cron expression ${JSON.stringify(expression)}. It needs five fields: minute, hour, day of month, month, weekday`,
    );
  wallClock(timeZone);
  // A range of years limits the search. One more year on both sides, because local time differs from UTC by up to a day.
  const year = new Date(fromMs).getUTCFullYear();
  const bounded = `0 ${expression} ${year - back - 1}-${year + ahead + 1}`;
  try {
    return new Cron(bounded, { timezone: timeZone, mode: "7-part", fixedTimeRule: "no-wildcard" });
  } catch (cause) {
    throw unusable(`Invalid cron expression ${JSON.stringify(expression)}. Check the range of each field`, cause);
  }
}

function wallClock(timeZone: string): WallClock {
  try {
    if (TIME_ZONE.test(timeZone)) return new WallClock(timeZone);
  } catch {
    // The error below says more.
  }
  throw unusable(`Unknown time zone ${JSON.stringify(timeZone)}. Use an IANA name, such as Europe/Berlin`);
}

function firstOf(found: Date | null | undefined): number | null {
  return found?.getTime() ?? null;
}

function unusable(message: string, cause?: unknown): TelltaleError {
  return new TelltaleError("invalid_input", message, { cause });
}
