import { expect, test } from "vitest";
import { formatPosition, isAfter, parsePosition } from "./position.js";

test("a position is the same after formatting and parsing", () => {
  const position = { epoch: 1_767_225_600_000, seq: 12, rev: 3 };

  expect(parsePosition(formatPosition(position))).toEqual(position);
});

test.each([
  "",
  "1",
  "a:1",
  "a:1.",
  "a:.1",
  "a:-1.0",
  "A:1.0",
  "a:1.0 ",
  "a:1.0\n",
  "a:1e9.0",
  "__proto__",
  "a:9".repeat(99),
  "aaaaaaaaaaa:1.0",
])("%j is not a position", (text) => {
  expect(parsePosition(text)).toBeNull();
});

test("positions are ordered by transition, then by the changes after it", () => {
  expect(isAfter({ seq: 3, rev: 0 }, { seq: 2, rev: 9 })).toBe(true);
  expect(isAfter({ seq: 2, rev: 1 }, { seq: 2, rev: 0 })).toBe(true);
  expect(isAfter({ seq: 2, rev: 1 }, { seq: 2, rev: 1 })).toBe(false);
  expect(isAfter({ seq: 1, rev: 9 }, { seq: 2, rev: 0 })).toBe(false);
});
