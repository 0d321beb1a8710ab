import { IS_FULL } from "@telltale/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lastInstant, nextInstant } from "./instants.js";
import { WallClock } from "./wall-clock.js";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const BERLIN = "Europe/Berlin";
const NEW_YORK = "America/New_York";
const NUUK = "America/Nuuk";
const LORD_HOWE = "Australia/Lord_Howe";

// Clock changes in 2026: Berlin 29 March 02:00 → 03:00 and 25 October 03:00 → 02:00. New York 8 March 02:00 → 03:00 and 1 November
// 02:00 → 01:00. Lord Howe, by half an hour, 4 October 02:00 → 02:30 and 5 April 02:00 → 01:30. Santiago 6 September 00:00 →
// 01:00, so this day has no midnight. Nuuk 28 March 23:00 → 00:00 of the 29th. Kathmandu is 05:45 ahead of UTC and has no changes.
describe.each([
  ["a skipped time fires at the end of the skipped period", "30 2 * * *", BERLIN, "2026-03-29", ["03:00"]],
  ["so does the first minute of the skipped period", "0 2 * * *", BERLIN, "2026-03-29", ["03:00"]],
  ["two times at the same instant fire once", "0 2,3 * * *", BERLIN, "2026-03-29", ["03:00"]],
  ["a time that occurs twice fires the first time", "30 2 * * *", BERLIN, "2026-10-25", ["02:30+02:00"]],
  ["so does the full hour", "0 2 * * *", BERLIN, "2026-10-25", ["02:00+02:00"]],
  ["the hour after a repeated hour fires normally", "0 3 * * *", BERLIN, "2026-10-25", ["03:00"]],
  [
    "times in a list or range follow the same rule",
    "30 1-3 * * *",
    BERLIN,
    "2026-10-25",
    ["01:30", "02:30+02:00", "03:30"],
  ],
  ["a skipped time in New York", "30 2 * * *", NEW_YORK, "2026-03-08", ["03:00"]],
  ["a repeated time in New York", "30 1 * * *", NEW_YORK, "2026-11-01", ["01:30-04:00"]],
  ["02:30 is not repeated in New York", "30 2 * * *", NEW_YORK, "2026-11-01", ["02:30"]],
  ["a skipped half hour", "15 2 * * *", LORD_HOWE, "2026-10-04", ["02:30"]],
  ["the end of a skipped half hour", "30 2 * * *", LORD_HOWE, "2026-10-04", ["02:30"]],
  ["a repeated half hour", "45 1 * * *", LORD_HOWE, "2026-04-05", ["01:45+11:00"]],
  ["a skipped midnight", "0 0 * * *", "America/Santiago", "2026-09-06", ["01:00"]],
  ["a zone without daylight saving", "30 2 * * *", "Asia/Kathmandu", "2026-03-29", ["02:30"]],
  ["UTC", "30 2 * * *", "UTC", "2026-03-29", ["02:30"]],
  ["a skipped time before midnight fires on the next day", "30 23 * * *", NUUK, "2026-03-29", ["00:00", "23:30"]],
  ["even if the expression names the day", "30 23 28 3 *", NUUK, "2026-03-29", ["00:00"]],
  ["and does not fire on its own day", "30 23 * * *", NUUK, "2026-03-28", []],
  ["an expression with */ does not fire in the skipped period", "*/15 2 * * *", BERLIN, "2026-03-29", []],
])("%s", (_what, cron, timeZone, day, times) => {
  test(`${cron} in ${timeZone} on ${day}`, () => {
    expect(instantsOf({ cron, timeZone }, day)).toEqual(times.map((time) => at(day, time, timeZone)));
  });
});

test.each([
  ["0 * * * *", BERLIN, "2026-03-29", 23],
  ["0 * * * *", BERLIN, "2026-10-25", 25],
  ["*/30 * * * *", NEW_YORK, "2026-03-08", 46],
  ["*/30 * * * *", NEW_YORK, "2026-11-01", 50],
  ["*/15 2 * * *", BERLIN, "2026-10-25", 8],
  ["*/30 * * * *", LORD_HOWE, "2026-10-04", 47],
  ["*/30 * * * *", LORD_HOWE, "2026-04-05", 49],
  ["0 * * * *", LORD_HOWE, "2026-10-04", 23],
  ["0 * * * *", LORD_HOWE, "2026-04-05", 24],
  ["0 * * * *", "Asia/Kathmandu", "2026-10-25", 24],
])("%s in %s fires on %s as often as the clock shows a matching time: %i times", (cron, timeZone, day, count) => {
  expect(instantsOf({ cron, timeZone }, day)).toHaveLength(count);
});

test("an hourly schedule fires every hour while the clock goes back", () => {
  const instants = instantsOf({ cron: "0 * * * *", timeZone: BERLIN }, "2026-10-25");

  expect(new Set(instants.slice(1).map((instant, i) => instant - (instants[i] ?? 0)))).toEqual(new Set([3_600_000]));
});

const ZONES = [BERLIN, NEW_YORK, LORD_HOWE, "America/Santiago", "Asia/Kathmandu", "Pacific/Apia", NUUK, "UTC"];
const CHANGES = ["2026-03-08", "2026-03-29", "2026-04-05", "2026-09-06", "2026-10-04", "2026-10-25", "2026-11-01"];
const EXPRESSIONS = [
  "* * * * *",
  "*/7 * * * *",
  "30 2 * * *",
  "0 0 * * *",
  "15,45 0-3 * * *",
  "*/20 1-2 * * 0",
  "5 */2 1-7 * *",
  "30 23 * * *",
];

test("lastInstant and nextInstant return neighbouring times, also around clock changes", () => {
  const moment = fc.record({
    zone: fc.constantFrom(...ZONES),
    cron: fc.constantFrom(...EXPRESSIONS),
    at: fc
      .tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -DAY, max: 2 * DAY }))
      .map(([day, ms]) => Date.parse(day) + ms),
  });
  fc.assert(
    fc.property(moment, ({ zone, cron, at }) => {
      const timing = { cron, timeZone: zone };
      const next = nextInstant(timing, at) ?? 0;
      const last = lastInstant(timing, at) ?? 0;

      expect(next).toBeGreaterThan(at);
      expect(last).toBeLessThanOrEqual(at);
      expect(nextInstant(timing, last)).toBe(next);
      expect(lastInstant(timing, next - 1)).toBe(last);
      expect(lastInstant(timing, next)).toBe(next);
    }),
    { numRuns: 500, seed: 1 },
  );
});

// Zones whose clock changes are unlike others. `TELLTALE_ALL=1` tests all zones.
const SOME_ZONES = [
  ...["America/Nuuk", "America/Scoresbysund", "Australia/Lord_Howe", "Africa/Casablanca", "America/Havana"],
  ...["Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Gaza", "Pacific/Chatham"],
];

// Applies the rules of docs/schedules.md minute by minute around each clock change.
test(`in ${IS_FULL ? "every time zone" : "some time zones"}, around every clock change of four years, schedules fire as documented`, {
  timeout: 60_000,
}, () => {
  const from = Date.UTC(2025, 0, 1);
  const wrong: string[] = [];
  // Many zones have the same clock changes, which are tested once.
  const seen = new Set<string>();
  for (const timeZone of IS_FULL ? Intl.supportedValuesOf("timeZone") : SOME_ZONES) {
    const clock = new WallClock(timeZone);
    for (const change of changesOf(clock, from, from + 4 * 366 * DAY)) {
      const signature = [change, clock.at(change - MINUTE), clock.at(change)].join();
      if (seen.has(signature)) continue;
      seen.add(signature);
      const span = [change - 2 * HOUR, change + 2 * HOUR] as const;
      const locals = new Map(minutesOf(span).map((at) => [at, clock.at(at)]));
      for (const cron of ["30 23 * * *", "15,45 0,1,2,3 * * *", "*/20 * * * *"]) {
        const fired = firedIn({ cron, timeZone }, span);
        const expected = expectedIn(cron, change, locals);
        if (fired.join() !== expected.join()) wrong.push(`${timeZone} ${cron} ${new Date(change).toISOString()}`);
      }
    }
  }

  expect(seen.size).toBeGreaterThan(IS_FULL ? 80 : 30);
  expect(wrong).toEqual([]);
});

function changesOf(clock: WallClock, from: number, to: number): number[] {
  const offset = (at: number): number => clock.at(at) - at;
  const found: number[] = [];
  for (let day = from; day < to; day += DAY) {
    if (offset(day) === offset(day + DAY)) continue;
    let [low, high] = [day, day + DAY];
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (offset(middle) === offset(low)) low = middle;
      else high = middle;
    }
    found.push(high);
  }
  return found;
}

function firedIn(timing: { cron: string; timeZone: string }, [from, to]: readonly [number, number]): number[] {
  const fired: number[] = [];
  for (let at = nextInstant(timing, from - 1); at !== null && at < to; at = nextInstant(timing, at)) fired.push(at);
  return fired;
}

// Returns the expected instants: those whose local minute matches. Times of the day also fire for skipped minutes, but not for
// repeated ones.
function expectedIn(cron: string, change: number, locals: ReadonlyMap<number, number>): number[] {
  const isTimeOfDay = !/[*/]/.test(cron.split(" ").slice(0, 2).join(""));
  const lastBefore = locals.get(change - MINUTE) ?? 0;
  const firstAfter = locals.get(change) ?? 0;
  const fired = new Set<number>();
  for (const [at, local] of locals) {
    const isRepeated = at >= change && local <= lastBefore;
    if (matches(cron, local) && !(isTimeOfDay && isRepeated)) fired.add(at);
  }
  for (let local = lastBefore + MINUTE; isTimeOfDay && local < firstAfter; local += MINUTE) {
    if (matches(cron, local)) fired.add(change);
  }
  return [...fired].sort((a, b) => a - b);
}

function minutesOf([from, to]: readonly [number, number]): number[] {
  return Array.from({ length: (to - from) / MINUTE }, (_, i) => from + i * MINUTE);
}

function matches(cron: string, localMs: number): boolean {
  const [minute = "", hour = ""] = cron.split(" ");
  const date = new Date(localMs);
  const fits = (field: string, value: number): boolean => {
    const [, step] = /^\*\/(\d+)$/.exec(field) ?? [];
    return field === "*" || (step ? value % Number(step) === 0 : field.split(",").includes(String(value)));
  };
  return fits(minute, date.getUTCMinutes()) && fits(hour, date.getUTCHours());
}

test("`every` counts from 1970, so all servers compute the same times", () => {
  const timing = { everyMs: 10 * MINUTE };
  const noon = Date.UTC(2026, 0, 1, 12);

  expect(nextInstant(timing, noon)).toBe(noon + 10 * MINUTE);
  expect(nextInstant(timing, noon - 1)).toBe(noon);
  expect(lastInstant(timing, noon)).toBe(noon);
  expect(lastInstant(timing, noon - 1)).toBe(noon - 10 * MINUTE);
  expect(nextInstant({ everyMs: 7_000 }, 0)).toBe(7_000);
});

test("expressions can name the leap day and the last day of a month", () => {
  const from = Date.UTC(2026, 0, 1);

  expect(nextInstant({ cron: "0 0 29 2 *", timeZone: "UTC" }, from)).toBe(Date.UTC(2028, 1, 29));
  expect(nextInstant({ cron: "0 0 L 2 *", timeZone: "UTC" }, from)).toBe(Date.UTC(2026, 1, 28));
  expect(nextInstant({ cron: "0 0 * jan mon", timeZone: "UTC" }, from)).toBe(Date.UTC(2026, 0, 5));
});

test("an expression with both a day of the month and a day of the week fires on either", () => {
  const from = Date.UTC(2026, 0, 1);

  expect(nextInstant({ cron: "0 0 13 * 5", timeZone: "UTC" }, from)).toBe(Date.UTC(2026, 0, 2));
});

test.each([
  "",
  "* * * *",
  "* * * * * *",
  "* * * * * * * *",
  "0 0 3 * * * 2026",
  "*/0 * * * *",
  "60 * * * *",
  "* 24 * * *",
  "0 0 0 * *",
  "0 0 * 13 *",
  "0-99999999 * * * *",
  "5-1 * * * *",
  "*/99999999999999999999 * * * *",
  "1,,2 * * * *",
  "@daily",
  "@reboot",
  "2026-01-01T00:00:00",
  "? * * * *",
  "* * * * +1",
  "a b c d e",
  "- - - - -",
  "0 0 * * 1#6",
  "*\n* * * *",
  "１ * * * *",
])("%j is refused as a cron expression", (cron) => {
  const refused = expect.objectContaining({ code: "invalid_input" });

  expect(() => nextInstant({ cron, timeZone: "UTC" }, 0)).toThrow(refused);
  expect(() => lastInstant({ cron, timeZone: "UTC" }, 0)).toThrow(refused);
});

test.each(["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31W 2 *", "* * 31 2 *", "0 0 30 feb *"])(
  "%s never fires",
  (cron) => {
    expect(nextInstant({ cron, timeZone: BERLIN }, Date.UTC(2026, 0, 1))).toBeNull();
    expect(lastInstant({ cron, timeZone: BERLIN }, Date.UTC(2026, 0, 1))).toBeNull();
  },
);

test("the search ends after five years, not in the year 3000", () => {
  const leapDay = { cron: "0 0 29 2 *", timeZone: "UTC" };

  expect(nextInstant(leapDay, Date.UTC(2096, 2, 1))).toBeNull();
  expect(lastInstant(leapDay, Date.UTC(2104, 1, 28))).toBeNull();
});

test.each([
  "Mars/Base",
  "../../etc/passwd",
  "Europe/../Berlin",
  "",
  "Europe/Berlin\n",
  " UTC",
  "+01:00",
  "Europe",
  "__proto__",
  "A/B/C/D/E",
])("%j is refused as a time zone", (timeZone) => {
  expect(() => nextInstant({ cron: "* * * * *", timeZone }, 0)).toThrow(
    expect.objectContaining({ code: "invalid_input" }),
  );
});

/** Returns the instants of a local day. */
function instantsOf(timing: { cron: string; timeZone: string }, day: string): number[] {
  const from = at(day, "00:00", timing.timeZone);
  const until = at(new Date(Date.parse(day) + DAY).toISOString().slice(0, 10), "00:00", timing.timeZone);
  const found: number[] = [];
  for (let next = nextInstant(timing, from - 1); next !== null && next < until; next = nextInstant(timing, next))
    found.push(next);
  return found;
}

/**
 * Returns the instant at which the clocks of a zone show a time: the first one if it occurs twice, or the one with the given offset.
 * Computed without the code under test.
 */
function at(day: string, time: string, timeZone: string): number {
  if (time.length > 5) return Date.parse(`${day}T${time}`);
  const shows = new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short", timeStyle: "short" });
  const from = Date.parse(`${day}T${time}Z`) - DAY;
  for (let ms = from; ms < from + 2 * DAY; ms += 15 * MINUTE) if (shows.format(ms) >= `${day} ${time}`) return ms;
  throw new Error(`${timeZone} never shows ${day} ${time}`);
}
