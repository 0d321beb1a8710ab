import { expect, test } from "vitest";
import { duration, exactSpan, span, took } from "./span.js";

test.each([
  [0, "0s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [7_200_000, "2h"],
  [400_000_000, "4d"],
  [-5, "0s"],
])("%d ms ago is %s", (ms, text) => {
  expect(span(ms)).toBe(text);
});

test.each([
  [449, "0.4 s"],
  [12_340, "12.3 s"],
  [125_000, "2m 05s"],
  [7_200_000, "2h"],
])("%d ms took %s", (ms, text) => {
  expect(took(ms)).toBe(text);
});

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1_240, "1.2 s"],
])("a duration of %d ms is shown as %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [5_400_000, "90m"],
  [1_500, "1500ms"],
  [86_400_000, "1d"],
])("%d ms is exactly %s", (ms, text) => {
  expect(exactSpan(ms)).toBe(text);
});
