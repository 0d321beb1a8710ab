const MINUTE_MS = 60_000;
/** More than the largest clock change, which is one day where a zone crosses the date line. */
const AROUND_MS = 36 * 3_600_000;

/**
 * Converts between instants and the local time of a time zone. A local time is represented by the ms since 1970 at which a clock in
 * UTC shows the same date and time. Around a clock change, a local time may not exist or may occur twice.
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

  /** Returns the local time at an instant. */
  at(instantMs: number): number {
    const parts = Object.fromEntries(
      this.#format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instantMs % 1_000) + 1_000) % 1_000);
  }

  /** Returns the instant of a local time: the first one if it occurs twice, or the end of the skipped period if it does not exist. */
  instantOf(localMs: number): number {
    // Clocks change at most once within three days.
    const [before = 0, after = 0] = [-AROUND_MS, AROUND_MS].map((ms) => this.#offset(localMs + ms));
    const [first, second] = [localMs - Math.max(before, after), localMs - Math.min(before, after)];
    if (this.at(first) === localMs) return first;
    if (this.at(second) === localMs) return second;
    // The local time is skipped. The clock changes between `first` and `second`.
    let [low, high] = [first, second];
    while (high - low > MINUTE_MS) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
      if (this.#offset(middle) === this.#offset(first)) low = middle;
      else high = middle;
    }
    return Math.floor(high / MINUTE_MS) * MINUTE_MS;
  }

  /** Returns the latest local time that the clock has shown up to an instant. While an hour is repeated, this is later than `at`. */
  latestUpTo(instantMs: number): number {
    return instantMs + Math.max(this.#offset(instantMs), this.#offset(instantMs - AROUND_MS));
  }

  #offset(instantMs: number): number {
    return this.at(instantMs) - instantMs;
  }
}
