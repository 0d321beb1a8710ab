import { afterEach, expect, test, vi } from "vitest";
import { backoffMs } from "./backoff.js";

afterEach(() => {
  vi.restoreAllMocks();
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
