import type { JobStatus } from "telltale";
import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

const PLACE = {
  scheduled: "scheduled",
  retrying: "scheduled",
  queued: "waiting",
  running: "leases",
  completed: "completed",
  failed: "failed",
  cancelled: "failed",
} as const satisfies Record<JobStatus, string>;

/** G7: a job is in one list or set, the one of its status, and the queue's counters agree with its jobs. */
export function onePlace({ jobs, counters }: History): Violation[] {
  const records = [...jobs.values()].flatMap(({ record }) => record ?? []);
  const misplaced = records.flatMap(({ job, status, places }): Violation[] => {
    // An id may linger in a waiting list after its job left `queued`; claim discards it.
    const found = places.filter((place) => place !== "waiting" || status === "queued");
    if (found.length === 1 && found[0] === PLACE[status]) return [];
    return [{ rule: "G7", job, says: `is ${status} but is in [${found.join(", ")}]` }];
  });
  if (!counters) return misplaced;
  const statuses = Object.keys(PLACE) as JobStatus[]; // Object.keys returns string[].
  const miscounted = statuses.flatMap((status): Violation[] => {
    const counted = counters.counts[status] ?? 0;
    const actual = records.filter((record) => record.status === status).length;
    return counted === actual
      ? []
      : [{ rule: "G7", says: `${actual} jobs are ${status}, but the counter says ${counted}` }];
  });
  return [...misplaced, ...miscounted];
}
