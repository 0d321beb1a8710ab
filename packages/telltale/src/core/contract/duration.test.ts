import { expect, test } from "vitest";
import { exponential, fixed } from "./backoff.js";
import { type Duration, durationMs } from "./duration.js";

const refused = expect.objectContaining({ code: "invalid_config" });

test.each<[Duration, number]>([
  [0, 0],
  [250, 250],
  ["250ms", 250],
  ["1.5s", 1_500],
  ["10m", 600_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["0.25s", 250],
])("%s is %d ms", (duration, ms) => {
  expect(durationMs(duration)).toBe(ms);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])("the number %d is not a duration", (duration) => {
  expect(() => durationMs(duration)).toThrow(refused);
});

test.each(["", "5", "s", "-1s", "1 s", "1S", "1e3s", "0x10s", "1.s", ".5s", "1s1m", `${"9".repeat(20)}d`, "1s\n"])(
  "%j is not a duration",
  (text) => {
    // Callers in JavaScript may pass any text.
    expect(() => durationMs(text as Duration)).toThrow(refused);
  },
);

test("the delays of a backoff must be 100 ms to 24 h", () => {
  expect(fixed("100ms")).toEqual({ type: "fixed", delayMs: 100 });
  expect(exponential("1s")).toEqual({ type: "exponential", delayMs: 1_000, maxMs: 86_400_000 });
  expect(() => fixed(99)).toThrow(refused);
  expect(() => exponential("1s", { max: "25h" })).toThrow(refused);
});
