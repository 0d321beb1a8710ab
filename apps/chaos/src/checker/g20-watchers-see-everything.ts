import type { History, JobHistory, Leg } from "../history/history.js";
import type { RecordEvent } from "../history/history-event.js";
import { forgottenUntil, isKept } from "./forgotten-until.js";
import type { Violation } from "./violation.js";

/**
 * G20 and G23: a watcher is given every transition, or a snapshot that says it stands for them, as one whose position is
 * of another history must be; and nothing that was not so.
 */
export function watchersSeeEverything(history: History): Violation[] {
  const until = forgottenUntil(history, "steps");
  return history.legs.flatMap((leg) => {
    const record = history.jobs.get(leg.opened.job)?.record;
    return [...skipped(leg, record, until), ...forked(leg, record), ...invented(leg, record, until)];
  });
}

function skipped({ leg, opened, received }: Leg, record: RecordEvent | undefined, until: number): Violation[] {
  // Who comes without a position is given the round that runs, from its first event.
  const starts = (record?.feed ?? []).filter(({ round }, at, feed) => round !== feed[at - 1]?.round);
  let seen = opened.after;
  return received.flatMap(({ job, seq, at, reset }, index): Violation[] => {
    const from = seen;
    seen = seq;
    if (reset) return [];
    if (from < 0) return [{ rule: "G23", job, says: `${leg} was not told that history is not the one it knew` }];
    // Of a round that was forgotten the start is not known.
    const isStart = index === 0 && from === 0 && (at < until || starts.some((start) => start.seq === seq));
    return isStart || seq <= from + 1 ? [] : [{ rule: "G20", job, says: `${leg} got ${seq} after ${from}` }];
  });
}

// Who was told of something that is forgotten is told so before anything else is said.
function forked({ leg, opened, received }: Leg, record: RecordEvent | undefined): Violation[] {
  if (!record) return [];
  let isAstray = opened.after > 0 && !isKept(record, { seq: opened.after, at: opened.afterAt });
  return received.flatMap((event): Violation[] => {
    const { job, seq, rev, reset } = event;
    const wasAstray = isAstray && !reset;
    if (rev > 0 && !reset) return [];
    // A snapshot that progress was merged into has the time of that.
    isAstray = rev === 0 && !isKept(record, event);
    if (!wasAstray || isAstray) return [];
    return [{ rule: "G23", job, says: `${leg} got ${seq} of a history that it was not told of` }];
  });
}

function invented({ leg, received }: Leg, record: JobHistory["record"], until: number): Violation[] {
  if (!record) return [];
  return received.flatMap(({ job, seq, status, round, attempt, at }): Violation[] => {
    const stored = record.feed.find((transition) => transition.seq === seq);
    if (stored?.status === status && stored.round === round && stored.attempt === attempt) return [];
    if (at < until) return [];
    return [{ rule: "G20", job, says: `${leg} got ${status} at ${seq}, stored is ${stored?.status ?? "nothing"}` }];
  });
}
