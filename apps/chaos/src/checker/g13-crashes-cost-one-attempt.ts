import type { History } from "../history/history.js";
import { STRAY } from "../work.js";
import { leasesOf } from "./leases.js";
import type { Violation } from "./violation.js";

// A fault this close may have kept the worker from returning its jobs.
const NEAR_MS = 2_000;

/** G13: if a stray rejection ends a worker, its other jobs return to the queue and lose no attempt. */
export function crashesCostOneAttempt({ exits, jobs, nemeses }: History): Violation[] {
  const crashes = exits.filter(({ says, t }) => {
    const isAlone = nemeses.every(({ name, t: at }) => name === "stray-rejection" || Math.abs(at - t) > NEAR_MS);
    return says.includes(STRAY) && isAlone;
  });
  return crashes.flatMap(({ pid, t }) =>
    [...jobs.values()].flatMap(({ id, record, execs }): Violation[] => {
      const claims = (record && leasesOf(record)?.claims) ?? [];
      // A lease that was lost before has another cause.
      const lost = claims.find(
        ({ fence, wasLost, at, endedAt }) =>
          wasLost &&
          at < t &&
          (endedAt ?? t) >= t &&
          execs.some((exec) => exec.pid === pid && exec.fence === fence && exec.phase === "start"),
      );
      return lost ? [{ rule: "G13", job: id, says: `fence ${lost.fence} was lost when ${pid} crashed` }] : [];
    }),
  );
}
