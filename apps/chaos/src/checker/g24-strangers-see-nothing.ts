import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G24: users receive no events of jobs that they may not see, and do not learn that those exist. */
export function strangersSeeNothing({ legs, jobs }: History): Violation[] {
  return legs.flatMap(({ leg, opened, events, received }): Violation[] => {
    const { job, who } = opened;
    const strays = received.filter((event) => event.job !== job).map((event) => event.job);
    if (strays.length > 0) return [{ rule: "G24", job, says: `${leg} got events of ${strays[0]}` }];
    const owner = jobs.get(job)?.record?.owner;
    if (owner === undefined || owner === who) return [];
    if (received.length > 0) return [{ rule: "G24", job, says: `${who} was shown a job of ${owner}` }];
    const told = events.find(({ phase, code }) => phase === "done" || (phase === "refused" && code !== "not_found"));
    return told
      ? [{ rule: "G24", job, says: `${who} got the answer ${told.code ?? told.phase} for a job of ${owner}` }]
      : [];
  });
}
