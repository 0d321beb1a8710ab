import { isFinal, type JobStatus } from "telltale";
import type { ModelJob } from "./model.js";

const MINUTE_MS = 60_000;
const HUNDREDS: Partial<Record<JobStatus, number>> = { running: 0, completed: 1, failed: 2, retrying: 3, cancelled: 4 };
const NO_TIME = 99;
// 0, 1, 1.5, 2, 3, 4, 6 … ms
const BOUNDS = [0, ...Array.from({ length: 27 }, (_, i) => [2 ** i, 1.5 * 2 ** i]).flat()];

/** What the model of a queue has counted. */
export class HistoryModel {
  /** The counts by minute, and then by number. */
  readonly minutes = new Map<number, Map<number, number>>();

  /** Counts a change of status, before the job changes. A job that is submitted has seq 0. */
  move(job: ModelJob, to: JobStatus, { now, isLost }: { now: number; isLost: boolean }): void {
    const isTimed = to === "running" || (job.status === "running" && !isLost);
    const hundred = HUNDREDS[to];
    if (hundred !== undefined) {
      const bucket = isTimed ? BOUNDS.findLastIndex((bound) => bound <= Math.max(0, now - job.at)) : NO_TIME;
      this.#add(hundred * 100 + bucket, now);
    } else if (job.seq === 0 || isFinal(job.status)) this.#add(500 + NO_TIME, now);
    if (isLost) this.#add(600 + NO_TIME, now);
  }

  /** The sums of the minutes in each bucket of this length, by its start. */
  sums(lengthMs: number): Map<number, Map<number, number>> {
    const sums = new Map<number, Map<number, number>>();
    for (const [minute, counts] of this.minutes) {
      const start = Math.floor((minute * MINUTE_MS) / lengthMs);
      const sum = sums.get(start) ?? new Map<number, number>();
      sums.set(start, sum);
      for (const [code, n] of counts) sum.set(code, (sum.get(code) ?? 0) + n);
    }
    return sums;
  }

  /** All minutes together. */
  get totals(): Map<number, number> {
    return this.sums(Number.MAX_SAFE_INTEGER).get(0) ?? new Map();
  }

  #add(code: number, now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    const counts = this.minutes.get(minute) ?? new Map<number, number>();
    this.minutes.set(minute, counts.set(code, (counts.get(code) ?? 0) + 1));
  }
}
