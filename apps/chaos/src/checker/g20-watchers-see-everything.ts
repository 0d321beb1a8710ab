import type { History, JobHistory, Leg } from "../history/history.js";
import type { RecordEvent } from "../history/history-event.js";
import { forgottenUntil, isKept } from "./forgotten-until.js";
import type { Violation } from "./violation.js";

/**
 * G20 and G23: a watcher receives every transition, or a snapshot marked as a reset in place of those it missed. If it
 * resumes from a position of another history, it must receive a reset. It receives no transition that did not happen.
 */
export function watchersSeeEverything(history: History): Violation[] {
  const until = forgottenUntil(history, "steps");
  return history.legs.flatMap((leg) => {
    const record = history.jobs.get(leg.opened.job)?.record;
    return [...skipped(leg, record, until), ...forked(leg, record), ...invented(leg, record, until)];
  });
}

function skipped({ leg, opened, received }: Leg, record: RecordEvent | undefined, until: number): Violation[] {
  // Without a position, a watcher receives the current round from its first event.
  const starts = (record?.feed ?? []).filter(({ round }, at, feed) => round !== feed[at - 1]?.round);
  let seen = opened.after;
  return received.flatMap(({ job, seq, at, reset }, index): Violation[] => {
    const from = seen;
    seen = seq;
    if (reset) return [];
    if (from < 0) return [{ rule: "G23", job, says: `${leg} resumed from another history and got no reset` }];
    // The start of a round that a fault undid is unknown.
    const isStart = index === 0 && from === 0 && (at < until || starts.some((start) => start.seq === seq));
    return isStart || seq <= from + 1 ? [] : [{ rule: "G20", job, says: `${leg} got ${seq} after ${from}` }];
  });
}

// A watcher that received an event which a fault undid must receive a reset before any other event.
function forked({ leg, opened, received }: Leg, record: RecordEvent | undefined): Violation[] {
  if (!record) return [];
  let isAstray = opened.after > 0 && !isKept(record, { seq: opened.after, at: opened.afterAt });
  return received.flatMap((event): Violation[] => {
    const { job, seq, rev, reset } = event;
    const wasAstray = isAstray && !reset;
    if (rev > 0 && !reset) return [];
    // A snapshot merged with progress has the time of the progress, so only rev 0 can be compared.
    isAstray = rev === 0 && !isKept(record, event);
    if (!wasAstray || isAstray) return [];
    return [{ rule: "G23", job, says: `${leg} got ${seq} of another history without a reset` }];
  });
}

function invented({ leg, received }: Leg, record: JobHistory["record"], until: number): Violation[] {
  if (!record) return [];
  return received.flatMap(({ job, seq, status, round, attempt, at }): Violation[] => {
    const stored = record.feed.find((transition) => transition.seq === seq);
    if (stored?.status === status && stored.round === round && stored.attempt === attempt) return [];
    if (at < until) return [];
    return [
      { rule: "G20", job, says: `${leg} got ${status} at ${seq}, but the feed has ${stored?.status ?? "nothing"}` },
    ];
  });
}
