import { setTimeout as delay } from "node:timers/promises";
import { formatPosition, isFinal, TelltaleError } from "telltale";
import type { Recorder } from "../history/recorder.js";
import type { Random } from "../random.js";
import type { WorkHandle } from "./submit-once.js";

/** `flapping` often leaves and resumes from its position; `slow` pauses after every event; `stranger` has no access. */
export type WatcherStyle = "steady" | "flapping" | "slow" | "stranger";

/** Options of one watcher. */
export interface WatcherOptions {
  readonly name: string;
  readonly who: string;
  readonly style: WatcherStyle;
  readonly job: WorkHandle;
  readonly record: Recorder;
  readonly random: Random;
}

interface Cursor {
  readonly seq: number;
  /** Redis time of the transition with this seq. */
  readonly at: number;
}

const SLOW_MS = 150;
// Then it stays. A watcher that always leaves before the first answer would never see the end.
const FLAPS = 12;

/** Watches one job to its end and records every event. Never rejects. */
export async function follow(options: WatcherOptions): Promise<void> {
  const { style, random } = options;
  let cursor: Cursor = { seq: 0, at: 0 };
  for (let leg = 1; ; leg++) {
    const leaving = new AbortController();
    const timer =
      style === "flapping" && leg <= FLAPS ? setTimeout(() => leaving.abort(), random.between(20, 500)) : undefined;
    const { isOver, seen } = await followLeg({ ...options, leg: `${options.name}/${leg}`, cursor, leaving });
    clearTimeout(timer);
    if (isOver) return;
    cursor = seen;
  }
}

async function followLeg(
  options: WatcherOptions & { readonly leg: string; readonly cursor: Cursor; readonly leaving: AbortController },
): Promise<{ isOver: boolean; seen: Cursor }> {
  const { leg, who, style, job, record, random, leaving } = options;
  // Sometimes it resumes from a position of another history, as after a failover, and must receive a snapshot.
  const isForked = options.cursor.seq > 0 && style === "flapping" && random.chance(0.05);
  const cursor = isForked ? { ...options.cursor, at: options.cursor.at - 1 } : options.cursor;
  const after = isForked ? -1 : cursor.seq;
  const about = { type: "watch", leg, job: job.id, who, after, afterAt: cursor.at, isSlow: style === "slow" } as const;
  let seen = options.cursor;
  let isOver = false;
  record({ ...about, phase: "open" });
  try {
    const events = job.watch({
      signal: leaving.signal,
      ...(cursor.seq > 0 ? { after: formatPosition({ epoch: cursor.at, seq: cursor.seq, rev: 0 }) } : {}),
      onConnection: (state) => {
        if (state === "live") record({ ...about, phase: "live" });
      },
    });
    for await (const { id, seq, rev, status, round, attempt, at, reset } of events) {
      record({ type: "recv", leg, who, job: id, seq, rev, status, round, attempt, at, reset: reset === true });
      if (rev === 0) seen = { seq, at };
      isOver = isFinal(status);
      if (style === "slow") await delay(SLOW_MS);
    }
    record({ ...about, phase: leaving.signal.aborted ? "left" : "done" });
    return { isOver: isOver || !leaving.signal.aborted, seen };
  } catch (error) {
    record({ ...about, phase: "refused", code: error instanceof TelltaleError ? error.code : String(error) });
    return { isOver: true, seen };
  }
}
