/** A clock that only moves when a test moves it. */
export interface TestClock {
  /** Returns milliseconds since 1970. */
  now(): number;
  /** Moves the clock forward, or back if `ms` is negative, because a server's clock may be set back. */
  advance(ms: number): void;
}

/** Creates a clock that starts at `startMs`. @default 2026-01-01T00:00:00Z, so that all runs have the same times */
export function createClock(startMs: number = Date.UTC(2026, 0, 1)): TestClock {
  let now = startMs;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}
