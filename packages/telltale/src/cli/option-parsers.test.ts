import { expect, test } from "vitest";
import { moment } from "./option-parsers.js";

test("a time of day is the last one on this machine's clock", () => {
  const time = moment("12:00");

  expect([time.getHours(), time.getMinutes(), time.getSeconds()]).toEqual([12, 0, 0]);
  expect(Date.now() - time.getTime()).toBeGreaterThanOrEqual(0);
  // 25 h, because a day on which clocks are set back has as many.
  expect(Date.now() - time.getTime()).toBeLessThanOrEqual(25 * 3_600_000);
});

test("a duration is that long ago, and a date is taken as it is", () => {
  const before = Date.now();
  const ago = moment("1.5h").getTime() + 5_400_000;

  expect(ago).toBeGreaterThanOrEqual(before);
  expect(ago).toBeLessThanOrEqual(Date.now());
  expect(moment("2026-10-01T12:00:00Z")).toEqual(new Date(Date.UTC(2026, 9, 1, 12)));
});

test.each(["soon", "25:00", "12:60", "2026-13-01", "", "-1h", "3"])("%j is not a time", (text) => {
  expect(() => moment(text)).toThrow(/Use a time/);
});
