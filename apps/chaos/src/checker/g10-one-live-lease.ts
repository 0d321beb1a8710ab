import type { History, JobHistory } from "../history/history.js";
import { leasesOf } from "./leases.js";
import type { Violation } from "./violation.js";

/** G10: every execution has a claim of its own, and their fences rise. */
export function oneLiveLease({ jobs }: History): Violation[] {
  return [...jobs.values()].flatMap((job) => [...ownClaims(job), ...risingFences(job)]);
}

// Claims follow one another in the feed, so two leases that are live at once show as an execution without a claim.
function ownClaims({ id, record, execs }: JobHistory): Violation[] {
  const leases = record ? leasesOf(record) : null;
  if (!record || !leases) return [];
  const { claims, fence: counted } = leases;
  if (record.fence !== counted) {
    return [{ rule: "G10", job: id, says: `has fence ${record.fence}, its feed accounts for ${counted}` }];
  }
  const starts = execs.filter(({ phase }) => phase === "start");
  return starts.flatMap(({ fence, pid, t }, at): Violation[] => {
    const claim = claims.find((found) => found.fence === fence);
    if (!claim) return [{ rule: "G10", job: id, says: `two live leases: no claim in its feed gave fence ${fence}` }];
    if (t < claim.at) return [{ rule: "G10", job: id, says: `fence ${fence} ran before its claim` }];
    const twin = starts.slice(0, at).find((other) => other.fence === fence);
    return twin ? [{ rule: "G10", job: id, says: `fence ${fence} ran in ${twin.pid} and again in ${pid}` }] : [];
  });
}

function risingFences({ id, execs }: JobHistory): Violation[] {
  const fences = execs.filter(({ phase }) => phase === "start").map(({ fence }) => fence);
  return fences.flatMap((fence, at): Violation[] => {
    const before = fences[at - 1] ?? 0;
    return fence >= before ? [] : [{ rule: "G10", job: id, says: `fence ${fence} ran after fence ${before}` }];
  });
}
