import { type JobStatus, LIFECYCLE } from "telltale";
import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

interface Row {
  readonly from: readonly (JobStatus | "none")[];
  readonly to: readonly (JobStatus | "none")[];
}

const ROWS: readonly Row[] = Object.values(LIFECYCLE);

/** G6: every transition of a job is in the lifecycle. */
export function stepsAreInTheLifecycle({ jobs }: History): Violation[] {
  return [...jobs.values()].flatMap(({ id, record }) => {
    const feed = record?.feed ?? [];
    return feed.flatMap(({ seq, status }, at) => {
      // If the feed was trimmed, the status before its first entry is unknown.
      const before = feed[at - 1]?.status ?? (seq === 1 ? "none" : null);
      if (before === null || ROWS.some(({ from, to }) => from.includes(before) && to.includes(status))) return [];
      return [{ rule: "G6", job: id, says: `went from ${before} to ${status} at seq ${seq}` }];
    });
  });
}
