import type { History, JobHistory, Leg } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G20: a watcher is given every transition, or a snapshot that says it stands for them; and nothing that was not so. */
export function watchersSeeEverything({ legs, jobs }: History): Violation[] {
  return legs.flatMap((leg) => {
    const job = jobs.get(leg.opened.job);
    return [...skipped(leg), ...(job ? invented(leg, job) : [])];
  });
}

function skipped({ leg, opened, received }: Leg): Violation[] {
  let seen = opened.after;
  return received.flatMap(({ job, seq, reset }): Violation[] => {
    const from = seen;
    seen = seq;
    return reset || seq <= from + 1 ? [] : [{ rule: "G20", job, says: `${leg} got ${seq} after ${from}` }];
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
