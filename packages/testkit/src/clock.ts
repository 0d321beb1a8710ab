/** A clock that moves only when a test moves it. It returns milliseconds since 1970. */
export interface TestClock {
  now(): number;
  /** Moves it forward, or back by a negative amount, as a server's clock may step back. */
  advance(ms: number): void;
}

/** Creates a clock that starts at `startMs`. @default 2026-01-01T00:00:00Z, so that two runs see the same times */
export function createClock(startMs: number = Date.UTC(2026, 0, 1)): TestClock {
  let now = startMs;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}
