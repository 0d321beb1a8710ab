import { type HistoryStep, TelltaleError } from "../../core/index.js";
import type { HistoryInput } from "../../core/schemas.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How long each step is, how long its buckets are kept, and how many are in one key; see lib/history.lua. */
export const STEPS = {
  minute: { ms: 60_000, keptMs: 6 * HOUR_MS, keyMs: HOUR_MS, word: "minutes", keeps: "6 hours" },
  hour: { ms: HOUR_MS, keptMs: 30 * DAY_MS, keyMs: DAY_MS, word: "hours", keeps: "30 days" },
} as const satisfies Record<HistoryStep, unknown>;

/** A period of history. */
export interface HistoryWindow {
  readonly step: HistoryStep;
  /** The start of the first bucket. */
  readonly since: number;
  readonly until: number;
}

/** Returns the period that was asked for, at Redis's time `now`. Throws `invalid_input` if it is empty, in the future or no longer kept. */
export function windowOf({ since, until, step }: HistoryInput, now: number): HistoryWindow {
  const from = since === undefined ? undefined : momentOf(since, now);
  const to = Math.min(until === undefined ? now : momentOf(until, now), now);
  const chosen = step ?? (from !== undefined && now - from > STEPS.minute.keptMs ? "hour" : "minute");
  const { ms, keptMs, keeps } = STEPS[chosen];
  const start = from ?? now - keptMs;
  if (start > now) throw refusal("`since` is in the future, by the clock of Redis");
  if (start > to) throw refusal("`since` is later than `until`");
  const oldest = floor(now - keptMs, ms);
  // A date may have been computed a moment ago, or by a clock that is a little behind.
  if (start < oldest - ms) {
    const remedy = chosen === "minute" ? 'Use the step "hour", or a later `since`' : "Use a later `since`";
    throw refusal(`${chosen === "minute" ? "Minutes" : "Hours"} are kept for ${keeps}. ${remedy}`);
  }
  return { step: chosen, since: Math.max(floor(start, ms), oldest), until: to };
}

function momentOf(moment: Date | number, now: number): number {
  return typeof moment === "number" ? now - moment : moment.getTime();
}

function floor(at: number, ms: number): number {
  return Math.floor(at / ms) * ms;
}

function refusal(why: string): TelltaleError {
  return new TelltaleError("invalid_input", `The history cannot be read: ${why}`);
}
