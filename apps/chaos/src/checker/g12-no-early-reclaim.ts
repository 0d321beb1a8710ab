import type { History } from "../history/history.js";
import { LEASE_MS } from "../work.js";
import { leasesOf } from "./leases.js";
import type { Violation } from "./violation.js";

/** G12: a job is not reclaimed before its lease has expired. */
export function noEarlyReclaim({ jobs }: History): Violation[] {
  return [...jobs.values()].flatMap(({ id, record }) =>
    ((record && leasesOf(record)?.claims) ?? []).flatMap(({ fence, at, endedAt, wasLost }) => {
      const heldMs = (endedAt ?? at) - at;
      if (!wasLost || heldMs > LEASE_MS) return [];
      return [{ rule: "G12", job: id, says: `fence ${fence} was reclaimed after ${heldMs} ms of its lease` }];
    }),
  );
}
