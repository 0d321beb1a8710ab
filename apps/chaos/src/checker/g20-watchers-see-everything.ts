import type { History, JobHistory, Leg } from "../history/history.js";
import type { RecordEvent } from "../history/history-event.js";
import type { Violation } from "./violation.js";

/**
 * G20 and G23: a watcher is given every transition, or a snapshot that says it stands for them, as one whose position is
 * of another history must be; and nothing that was not so.
 */
export function watchersSeeEverything({ legs, jobs }: History): Violation[] {
  return legs.flatMap((leg) => {
    const job = jobs.get(leg.opened.job);
    return [...skipped(leg, job?.record), ...(job ? invented(leg, job) : [])];
  });
}

function skipped({ leg, opened, received }: Leg, record: RecordEvent | undefined): Violation[] {
  // Who comes without a position is given the round that runs, from its first event.
  const starts = (record?.feed ?? []).filter(({ round }, at, feed) => round !== feed[at - 1]?.round);
  let seen = opened.after;
  return received.flatMap(({ job, seq, reset }, at): Violation[] => {
    const from = seen;
    seen = seq;
    if (reset) return [];
    if (from < 0) return [{ rule: "G23", job, says: `${leg} was not told that history is not the one it knew` }];
    const isStart = at === 0 && from === 0 && starts.some((start) => start.seq === seq);
    return isStart || seq <= from + 1 ? [] : [{ rule: "G20", job, says: `${leg} got ${seq} after ${from}` }];
  });
}

function invented({ leg, received }: Leg, { record }: JobHistory): Violation[] {
  if (!record) return [];
  return received.flatMap(({ job, seq, status, round, attempt }): Violation[] => {
    const stored = record.feed.find((transition) => transition.seq === seq);
    if (stored?.status === status && stored.round === round && stored.attempt === attempt) return [];
    return [{ rule: "G20", job, says: `${leg} got ${status} at ${seq}, stored is ${stored?.status ?? "nothing"}` }];
  });
}
