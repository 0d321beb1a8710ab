import { afterEach, expect, test, vi } from "vitest";
import { backoffMs, ReconnectBackoff } from "./backoff.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const delays = (): number[] => Array.from({ length: 9 }, (_, n) => backoffMs(n));

test("the delay between tries doubles up to ten seconds", () => {
  vi.spyOn(Math, "random").mockReturnValue(1);

  expect(delays()).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
});

test("half of the delay is random, so that clients that lost one server do not return to it at the same moment", () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  expect(delays()).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  vi.spyOn(Math, "random").mockReturnValue(0.5);

  expect(backoffMs(0)).toBe(187.5);
});

test("after a working connection was lost, tries stay quick for five seconds", () => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1);
  const backoff = new ReconnectBackoff();
  const next = (): number[] => [backoff.nextMs(), backoff.nextMs()];

  expect(next()).toEqual([500, 1_000]);
  backoff.lost();
  expect(next()).toEqual([500, 500]);
  vi.advanceTimersByTime(4_999);
  expect(next()).toEqual([500, 500]);
  vi.advanceTimersByTime(1);
  expect(next()).toEqual([500, 1_000]);
});
