import type { History } from "../history/history.js";
import type { ExecEvent, RecordEvent } from "../history/history-event.js";
import { lostJobs } from "./g01-acknowledged-jobs-exist.js";
import { leasesOf } from "./leases.js";
import type { Violation } from "./violation.js";

/** What a run came to; published with every run, since most of it is allowed and all of it is interesting. */
export type Counts = Readonly<Record<string, number>>;

/** Counts a history, with what the checker found in it. */
export function countsOf(history: History, violations: readonly Violation[]): Counts {
  const { keys, jobs, legs } = history;
  const submits = [...keys.values()];
  const keysWith = (phase: string): number => submits.filter((of) => of.some((event) => event.phase === phase)).length;
  const all = [...jobs.values()];
  const starts = all.flatMap(({ execs }) => execs.filter(({ phase }) => phase === "start"));
  const received = legs.flatMap((leg) => leg.received);
  const found = (text: string): number => violations.filter(({ says }) => says.startsWith(text)).length;
  const resetsWhere = (isAsked: (after: number) => boolean): number =>
    legs.filter(({ opened }) => isAsked(opened.after)).flatMap((leg) => leg.received.filter(({ reset }) => reset))
      .length;
  return {
    submitted: keys.size,
    acknowledged: keysWith("ok"),
    unknown: keysWith("unknown"),
    refused: keysWith("fail"),
    executed: starts.length,
    // Executions that ran although another had begun and was never heard of again, or is forgotten.
    duplicates: all.flatMap(({ record, execs }) => {
      const lost = lostFences(record);
      const again = lost.filter((fence) => execs.some((e) => e.fence === fence) && execs.some((e) => e.fence > fence));
      return [...again, ...forgottenStarts(record, execs)];
    }).length,
    // Executions that returned an output after their lease was lost: refused by their fence.
    fenced: all.flatMap(({ record, execs }) => {
      const lost = lostFences(record);
      return execs.filter(({ outcome, fence }) => outcome === "completed" && lost.includes(fence));
    }).length,
    leasesLost: all.flatMap(({ record }) => lostFences(record)).length,
    // Acknowledged and gone, allowed or not.
    lost: [...lostJobs(history).values()].flat().length,
    watches: legs.length,
    events: received.length,
    // Snapshots for watchers whose position was good; those that came with one of another history stand beside them.
    resets: resetsWhere((after) => after >= 0),
    forks: resetsWhere((after) => after < 0),
    lateEnds: found("late end:"),
  };
}

// Executions whose claim is not in the history that was kept, of jobs that ran again.
function forgottenStarts(record: RecordEvent | undefined, execs: readonly ExecEvent[]): ExecEvent[] {
  const claims = record && leasesOf(record)?.claims;
  if (!claims) return [];
  const starts = execs.filter(({ phase }) => phase === "start");
  return starts.filter(({ fence, t }, at) => {
    const isKept = claims.some((claim) => claim.fence === fence && claim.at <= t);
    return !isKept && at < starts.length - 1;
  });
}

function lostFences(record: RecordEvent | undefined): number[] {
  const leases = record ? leasesOf(record) : null;
  return (leases?.claims ?? []).filter(({ wasLost }) => wasLost).map(({ fence }) => fence);
}
