import { expect, test } from "vitest";
import { sparkline } from "./sparkline.js";

test.each([
  [[1, 2, 3, 4, 5, 6, 7, 8], "▁▂▃▄▅▆▇█"],
  [[0, 1, 1_000], " ▁█"],
  [[5, 5], "██"],
  [[0, 0, 0], "   "],
  [[], ""],
])("%j is drawn as bars, and zero as a space", (values, line) => {
  expect(sparkline(values)).toBe(line);
});
