import { expect, test } from "vitest";
import { progressShare } from "./progress-share.js";

test.each([
  [{ passed: 3, total: 12 }, 0.25, "3/12"],
  [{ done: 0, of: 20 }, 0, "0/20"],
  [{ page: 7, count: 7, title: "the last" }, 1, "7/7"],
  [{ percent: 12.4 }, 0.124, "12 %"],
  [{ passed: 0, total: 0 }, 1, "0/0"],
])("%j is a share of %d", (progress, share, text) => {
  expect(progressShare(progress)).toEqual({ share, text });
});

test.each([
  { done: 3 },
  { read: 3, written: 2, total: 10 },
  { done: 30, of: 20 },
  { percent: 250 },
  { done: -1, of: 20 },
  { done: Number.NaN, of: 20 },
  { total: 10 },
  "half",
  null,
  [1, 2],
])("%j cannot be shown as a share", (progress) => {
  expect(progressShare(progress)).toBeNull();
});
