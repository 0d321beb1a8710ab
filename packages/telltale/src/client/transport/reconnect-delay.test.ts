import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ReconnectDelay } from "./reconnect-delay.js";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.999);
});
afterEach(() => {
  // In this order: a restored spy would put a fake timer back.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The longest possible pauses of the first tries, in ms. */
function pauses(delay: ReconnectDelay, tries: number, isHandOff: boolean): number[] {
  return Array.from({ length: tries }, (_, n) => {
    const ms = delay.delayMs(n, isHandOff);
    vi.advanceTimersByTime(ms);
    return Math.round(ms);
  });
}

function opened(): ReconnectDelay {
  const delay = new ReconnectDelay();
  delay.opened();
  vi.advanceTimersByTime(60_000);
  return delay;
}

test("while the old socket still works, the pauses do not grow, however long the next server takes to start", () => {
  const [first, ...others] = pauses(opened(), 100, true);

  expect(first).toBeLessThanOrEqual(3_000);
  expect(Math.max(...others)).toBeLessThanOrEqual(1_000);
});

test("when the old socket closes, the next try comes soon, and those after it too", () => {
  const delay = opened();
  pauses(delay, 20, true);

  expect(delay.cutShortMs()).toBeLessThanOrEqual(500);

  expect(Math.max(...Array.from({ length: 9 }, (_, n) => delay.delayMs(20 + n, false)))).toBeLessThanOrEqual(500);
});

test("after a loss, pauses are short for five seconds and then grow to ten", () => {
  const all = pauses(opened(), 20, false);

  const growing = all.filter((ms) => ms > 500);
  const quick = all.slice(0, -growing.length);
  expect(quick.length).toBeGreaterThanOrEqual(10);
  expect(growing.slice(0, 5)).toEqual([1_000, 1_999, 3_998, 7_996, 9_995]);
  expect(all).toEqual([...quick, ...growing]);
});

test("a server that was never reached is tried less and less often from the start", () => {
  const all = pauses(new ReconnectDelay(), 8, false);

  expect(all).toEqual([500, 500, 1_000, 1_999, 3_998, 7_996, 9_995, 9_995]);
});

test("the pauses of many clients are spread over time", () => {
  vi.mocked(Math.random).mockReturnValue(0);
  const first = pauses(opened(), 2, false);
  const handOff = pauses(opened(), 2, true);

  expect(first).toEqual([100, 250]);
  expect(handOff).toEqual([100, 500]);
});

test("during the drain of a server, tries are at least half a second apart, however long it takes", () => {
  vi.mocked(Math.random).mockReturnValue(0);

  const [, ...others] = pauses(opened(), 100, true);

  expect(Math.min(...others)).toBeGreaterThanOrEqual(500);
});

test("when every new socket leads to the draining server again, the pauses grow", () => {
  const delay = opened();
  const all = Array.from({ length: 8 }, () => {
    const ms = delay.delayMs(0, true);
    vi.advanceTimersByTime(ms);
    delay.opened();
    return Math.round(ms);
  });

  expect(all.slice(-2)).toEqual([7_996, 9_995]);
});
