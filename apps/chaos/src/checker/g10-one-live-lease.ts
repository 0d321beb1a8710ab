import type { History, JobHistory } from "../history/history.js";
import { forgottenUntil } from "./forgotten-until.js";
import { leasesOf } from "./leases.js";
import type { Violation } from "./violation.js";

/** G10: every execution has its own claim, and fences only increase. */
export function oneLiveLease(history: History): Violation[] {
  const until = forgottenUntil(history, "steps");
  return [...history.jobs.values()].flatMap((job) => [...ownClaims(job, until), ...risingFences(job, until)]);
}

// The feed lists claims one after the other, so if two leases were live at once, one execution has no claim in it.
function ownClaims({ id, record, execs }: JobHistory, until: number): Violation[] {
  const leases = record ? leasesOf(record) : null;
  if (!record || !leases) return [];
  const { claims, fence: counted } = leases;
  if (record.fence !== counted) {
    return [{ rule: "G10", job: id, says: `has fence ${record.fence}, but its feed accounts for ${counted}` }];
  }
  const starts = execs.filter(({ phase }) => phase === "start");
  return starts.flatMap(({ fence, pid, t }, at): Violation[] => {
    const claim = claims.find((found) => found.fence === fence);
    // A fault undid its claim, and a later execution may have the same fence.
    if (t < until && (!claim || t < claim.at)) return [];
    if (!claim) return [{ rule: "G10", job: id, says: `two live leases: no claim in its feed gave fence ${fence}` }];
    if (t < claim.at) return [{ rule: "G10", job: id, says: `fence ${fence} ran before its claim` }];
    const twin = starts.slice(0, at).find((other) => other.fence === fence && other.t >= claim.at);
    return twin ? [{ rule: "G10", job: id, says: `fence ${fence} ran in ${twin.pid} and again in ${pid}` }] : [];
  });
}

// Fences may decrease across a fault that made Redis forget claims.
function risingFences({ id, execs }: JobHistory, until: number): Violation[] {
  const starts = execs.filter(({ phase, t }) => phase === "start" && t >= until);
  const fences = starts.map(({ fence }) => fence);
  return fences.flatMap((fence, at): Violation[] => {
    const before = fences[at - 1] ?? 0;
    return fence >= before ? [] : [{ rule: "G10", job: id, says: `fence ${fence} ran after fence ${before}` }];
  });
}
