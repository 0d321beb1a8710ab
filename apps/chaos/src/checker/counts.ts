import type { History } from "../history/history.js";
import type { ExecEvent, RecordEvent } from "../history/history-event.js";
import { lostJobs } from "./g01-acknowledged-jobs-exist.js";
import { leasesOf } from "./leases.js";
import type { Violation } from "./violation.js";

/** The figures of one run. They are printed with every run, because most of what they count is allowed. */
export type Counts = Readonly<Record<string, number>>;

/** Counts the events of a history and the violations that the checker found. */
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
    children: all.filter(({ record }) => record?.key.startsWith("child/")).length,
    scheduled: history.firings.length,
    // Executions that were followed by another one, because their lease was lost or a fault undid their claim.
    duplicates: all.flatMap(({ record, execs }) => {
      const lost = lostFences(record);
      const again = lost.filter((fence) => execs.some((e) => e.fence === fence) && execs.some((e) => e.fence > fence));
      return [...again, ...forgottenStarts(record, execs)];
    }).length,
    // Executions that returned an output after their lease was lost. The fence rejected it.
    fenced: all.flatMap(({ record, execs }) => {
      const lost = lostFences(record);
      return execs.filter(({ outcome, fence }) => outcome === "completed" && lost.includes(fence));
    }).length,
    leasesLost: all.flatMap(({ record }) => lostFences(record)).length,
    // Acknowledged jobs that are missing, whether a fault allows it or not.
    lost: [...lostJobs(history).values()].flat().length,
    watches: legs.length,
    events: received.length,
    // Resets sent to watchers with a valid position. `forks` counts those sent for a position of another history.
    resets: resetsWhere((after) => after >= 0),
    forks: resetsWhere((after) => after < 0),
    lateEnds: found("late end:"),
  };
}

// Executions whose claim is not in the stored feed, of jobs that ran again.
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
