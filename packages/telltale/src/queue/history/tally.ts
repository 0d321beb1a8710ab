import type { HistoryCounts, HistoryPeriod } from "../../core/index.js";
import { timesOf } from "./times.js";

/** The counts of a period by their number; see lib/history.lua. */
export type Tally = Map<number, number>;

/** Counts as scripts reply them: those of all closed minutes, and those of the open one. */
export interface StoredCounts {
  readonly totals: readonly Readonly<{ kind: string; line: string }>[];
  readonly open: readonly Readonly<{ kind: string; code: number; count: number }>[];
}

// What a number of lib/history.lua stands for, by its hundreds.
const COUNTED = ["started", "completed", "failed", "retried", "cancelled", "submitted", "leaseLost"] as const;
const NO_TIME = 99;

/** Adds the counts of a stored line, such as `1=7 599=2`. Drops what is not a count, which something else must have written. */
export function addLine(tally: Tally, line: string): void {
  for (const [, code, n] of line.matchAll(/(?<!\S)(\d{1,3})=(\d{1,15})(?!\S)/g))
    addCount(tally, Number(code), Number(n));
}

export function addCount(tally: Tally, code: number, n: number): void {
  tally.set(code, (tally.get(code) ?? 0) + n);
}

export function countsOf(tally: Tally): HistoryCounts {
  const counts = { submitted: 0, started: 0, completed: 0, failed: 0, retried: 0, cancelled: 0, leaseLost: 0 };
  for (const [code, n] of tally) {
    const counted = COUNTED[Math.floor(code / 100)];
    if (counted) counts[counted] += n;
  }
  return counts;
}

export function periodOf(tally: Tally): HistoryPeriod {
  const waited: Tally = new Map();
  const ran: Tally = new Map();
  for (const [code, n] of tally) {
    if (code % 100 === NO_TIME) continue;
    if (code < 100) addCount(waited, code, n);
    else if (code < 500) addCount(ran, code % 100, n);
  }
  return { ...countsOf(tally), waitedMs: timesOf(waited), ranMs: timesOf(ran) };
}

/** What was counted since the first count. Without a kind, of all kinds. */
export function totalsOf(stored: StoredCounts, kind?: string): HistoryCounts {
  const tally: Tally = new Map();
  for (const one of stored.totals) if (kind === undefined || one.kind === kind) addLine(tally, one.line);
  addOpen(tally, stored, kind);
  return countsOf(tally);
}

export function addOpen(tally: Tally, { open }: Pick<StoredCounts, "open">, kind: string | undefined): void {
  for (const one of open) if (kind === undefined || one.kind === kind) addCount(tally, one.code, one.count);
}
