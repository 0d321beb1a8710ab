import type { History } from "../history/history.js";
import { claimsOf } from "./leases.js";
import type { Violation } from "./violation.js";

/** What a run came to; published with every run, since most of it is allowed and all of it is interesting. */
export type Counts = Readonly<Record<string, number>>;

/** Counts a history, with what the checker found in it. */
export function countsOf({ keys, jobs, legs }: History, violations: readonly Violation[]): Counts {
  const submits = [...keys.values()];
  const keysWith = (phase: string): number => submits.filter((of) => of.some((event) => event.phase === phase)).length;
  const all = [...jobs.values()];
  const starts = all.flatMap(({ execs }) => execs.filter(({ phase }) => phase === "start"));
  const received = legs.flatMap((leg) => leg.received);
  const found = (text: string): number => violations.filter(({ says }) => says.startsWith(text)).length;
  return {
    submitted: keys.size,
    acknowledged: keysWith("ok"),
    unknown: keysWith("unknown"),
    refused: keysWith("fail"),
    executed: starts.length,
    // Executions that ran although another had begun and was never heard of again.
    duplicates: all.flatMap(({ record, execs }) => {
      const lost = ((record && claimsOf(record)) ?? []).filter(({ wasLost }) => wasLost).map(({ fence }) => fence);
      return lost.filter((fence) => execs.some((exec) => exec.fence === fence) && execs.some((e) => e.fence > fence));
    }).length,
    // Executions that returned an output which was not taken any more.
    fenced: all.flatMap(({ record, execs }) =>
      execs.filter(({ outcome, fence }) => outcome === "completed" && record && fence !== record.outputFence),
    ).length,
    leasesLost: all.flatMap(({ record }) => ((record && claimsOf(record)) ?? []).filter(({ wasLost }) => wasLost))
      .length,
    lost: found("lost:"),
    watches: legs.length,
    events: received.length,
    resets: received.filter(({ reset }) => reset).length,
    lateEnds: found("late end:"),
  };
}
