import type { HistoryBucket, HistoryCounts, HistoryTimes, QueueHistory } from "../../core/index.js";
import { printableLine } from "./printable.js";
import type { Screen } from "./screen.js";
import { span } from "./span.js";
import { sparkline } from "./sparkline.js";
import { table } from "./table.js";

const ROWS = [
  ["submitted", "submitted"],
  ["started", "started"],
  ["completed", "completed"],
  ["failed", "failed"],
  ["retried", "retried"],
  ["cancelled", "cancelled"],
  ["lease lost", "leaseLost"],
] as const satisfies readonly (readonly [string, keyof HistoryCounts])[];

// What the other columns of a row need on a terminal, and what a line of a file shows.
const OTHER_COLUMNS = 46;
const MOST_BARS = 60;

/** Formats the history of a queue: its counters with bars, totals and rates, and its times with their percentiles. */
export function historyLines(history: QueueHistory, screen: Screen): string[] {
  const { queue, kind, step, since, until, period, totals, buckets } = history;
  const bars = Math.max(8, Math.min(MOST_BARS, screen.columns() - OTHER_COLUMNS));
  const columns = merged(buckets, Math.ceil(buckets.length / bars));
  const minutes = Math.max(until - since, 1) / 60_000;
  const per = columns.length < buckets.length ? `${Math.ceil(buckets.length / bars)} ${step}s` : step;
  const title = `${queue}${kind === null ? "" : `, kind ${kind}`}: the last ${span(until - since)}, a bar for each ${per}`;
  const counters = ROWS.map(([name, key]) => [
    name,
    sparkline(columns.map((column) => sum(column.map((bucket) => bucket[key])))),
    String(period[key]),
    rate(period[key] / minutes),
    String(totals[key]),
  ]);
  const times = (["waited", "ran"] as const).map((name) => {
    const of = (one: { waitedMs: HistoryTimes; ranMs: HistoryTimes }) => (name === "waited" ? one.waitedMs : one.ranMs);
    const { count, p50, p90, p99 } = of(period);
    return [
      name,
      sparkline(columns.map((column) => Math.max(...column.map((bucket) => of(bucket).p90 ?? 0)))),
      String(count),
      ...[p50, p90, p99].map(time),
    ];
  });
  return [
    printableLine(title),
    "",
    ...table(COUNTER_COLUMNS, counters, screen),
    "",
    ...table(TIME_COLUMNS, times, screen),
  ];
}

const COUNTER_COLUMNS = [
  { title: "COUNTER" },
  { title: "HISTORY" },
  { title: "SUM", right: true },
  { title: "RATE", right: true },
  { title: "ALL TIME", right: true },
];
const TIME_COLUMNS = [
  { title: "TIME" },
  { title: "P90" },
  { title: "JOBS", right: true },
  { title: "P50", right: true },
  { title: "P90", right: true },
  { title: "P99", right: true },
];

// Puts several steps into a column, counted from the newest one.
function merged(buckets: readonly HistoryBucket[], size: number): HistoryBucket[][] {
  const columns: HistoryBucket[][] = [];
  for (let end = buckets.length; end > 0; end -= size) columns.unshift(buckets.slice(Math.max(0, end - size), end));
  return columns;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function rate(perMinute: number): string {
  if (perMinute >= 60) return `${shortest(perMinute / 60)}/s`;
  return perMinute >= 0.1 || perMinute === 0 ? `${shortest(perMinute)}/min` : `${shortest(perMinute * 60)}/h`;
}

function shortest(number: number): string {
  return number >= 10 ? String(Math.round(number)) : number.toFixed(1);
}

function time(ms: number | null): string {
  if (ms === null) return "–";
  if (ms < 1_000) return `${ms} ms`;
  return ms < 60_000 ? `${shortest(ms / 1_000)} s` : span(ms);
}
