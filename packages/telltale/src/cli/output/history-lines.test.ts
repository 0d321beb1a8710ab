import colors from "picocolors";
import stringWidth from "string-width";
import { expect, test } from "vitest";
import type { HistoryBucket, HistoryCounts, HistoryTimes, QueueHistory } from "../../core/index.js";
import { historyLines } from "./history-lines.js";
import type { Screen } from "./screen.js";

const NONE: HistoryCounts = {
  ...{ submitted: 0, started: 0, completed: 0, failed: 0, retried: 0, cancelled: 0, leaseLost: 0 },
};
const NEVER: HistoryTimes = { count: 0, p50: null, p90: null, p99: null, histogram: [] };

function history(submitted: readonly number[], options: Partial<QueueHistory> = {}): QueueHistory {
  const buckets = submitted.map(
    (n, i): HistoryBucket => ({ ...NONE, submitted: n, at: i * 60_000, waitedMs: NEVER, ranMs: NEVER }),
  );
  const sum = submitted.reduce((all, one) => all + one, 0);
  return {
    ...{ queue: "mail", kind: null, step: "minute", since: 0, until: submitted.length * 60_000, buckets },
    period: { ...NONE, submitted: sum, waitedMs: NEVER, ranMs: NEVER },
    totals: { ...NONE, submitted: sum + 1_000 },
    ...options,
  };
}

function screen(columns: number): Screen {
  return {
    stream: process.stdout,
    isTerminal: columns < Number.POSITIVE_INFINITY,
    palette: colors.createColors(false),
    columns: () => columns,
    line: () => {},
  };
}

const row = (lines: readonly string[], name: string): string => lines.find((line) => line.startsWith(name)) ?? "";

test("each counter has a bar for each minute, its sum, its rate and its total", () => {
  const lines = historyLines(history([0, 1, 8, 1]), screen(100));

  expect(lines[0]).toBe("mail: the last 4m, a bar for each minute");
  expect(row(lines, "submitted")).toMatch(/^submitted +▁█▁ +10 +2\.5\/min +1010$/);
  expect(row(lines, "failed")).toMatch(/^failed +0 +0\.0\/min +0$/);
});

test("times have their number and percentiles, in units that are easy to read", () => {
  const waitedMs: HistoryTimes = { count: 7, p50: 95, p90: 1_930, p99: 840_000, histogram: [] };
  const base = history([1]);
  const lines = historyLines({ ...base, period: { ...base.period, waitedMs } }, screen(100));

  expect(row(lines, "waited")).toMatch(/^waited +7 +95 ms +1\.9 s +14m$/);
  expect(row(lines, "ran")).toMatch(/^ran +0 +– +– +–$/);
});

test("on a narrow terminal, a bar stands for several minutes, and no line is too wide", () => {
  const lines = historyLines(history(Array.from({ length: 361 }, () => 1)), screen(80));

  expect(lines[0]).toBe("mail: the last 6h, a bar for each 11 minutes");
  // Bars are counted from the newest minute on, so the oldest one stands for fewer.
  expect(row(lines, "submitted")).toMatch(/^submitted +▇?█+ +361 /);
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(80);
});

test.each([
  [[60], "1.0/s"],
  [[6_000], "100/s"],
  [[1, 0], "0.5/min"],
  [[1, ...Array.from({ length: 59 }, () => 0)], "1.0/h"],
])("the rate of %j in a minute each is %s", (submitted, rate) => {
  expect(row(historyLines(history(submitted), screen(200)), "submitted")).toContain(` ${rate} `);
});

test("names cannot control the terminal", () => {
  const [title] = historyLines(history([1], { queue: "\u001b[2J", kind: "a\nb" }), screen(80));

  expect(title).toBe("�[2J, kind a b: the last 1m, a bar for each minute");
});
