const MINUTE_MS = 60_000;
/** More than the largest step of a clock, which is one day where a zone crosses the date line. */
const AROUND_MS = 36 * 3_600_000;

/**
 * The local time of a time zone. A local time is written as the ms since 1970 at which a clock in UTC would show it.
 *
 * Where clocks change, a local time can be skipped or occur twice.
 */
export class WallClock {
  readonly #format: Intl.DateTimeFormat;

  /** Throws a RangeError for an unknown time zone. */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat("en", {
      ...{ timeZone, hourCycle: "h23", era: "short" },
      ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
    });
  }

  /** The local time at an instant. */
  at(instantMs: number): number {
    const parts = Object.fromEntries(
      this.#format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instantMs % 1_000) + 1_000) % 1_000);
  }

  /** The instant of a local time: the first one if it occurs twice, and the end of the skipped period if it is skipped. */
  instantOf(localMs: number): number {
    // Clocks change at most once within three days.
    const [before = 0, after = 0] = [-AROUND_MS, AROUND_MS].map((ms) => this.#offset(localMs + ms));
    const [first, second] = [localMs - Math.max(before, after), localMs - Math.min(before, after)];
    if (this.at(first) === localMs) return first;
    if (this.at(second) === localMs) return second;
    // Skipped: the clock changes between the two.
    let [low, high] = [first, second];
    while (high - low > MINUTE_MS) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
      if (this.#offset(middle) === this.#offset(first)) low = middle;
      else high = middle;
    }
    return Math.floor(high / MINUTE_MS) * MINUTE_MS;
  }

  /** The latest local time that has occurred up to an instant: later than `at` while an hour is repeated. */
  latestUpTo(instantMs: number): number {
    return instantMs + Math.max(this.#offset(instantMs), this.#offset(instantMs - AROUND_MS));
  }

  #offset(instantMs: number): number {
    return this.at(instantMs) - instantMs;
  }
}
