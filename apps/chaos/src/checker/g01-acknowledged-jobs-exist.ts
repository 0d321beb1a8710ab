import type { History } from "../history/history.js";
import { forgottenUntil } from "./forgotten-until.js";
import type { Violation } from "./violation.js";

/** The acknowledged ids that are missing, by key. */
export function lostJobs({ keys, jobs }: History): ReadonlyMap<string, readonly string[]> {
  const lost = [...keys].map(([key, submits]): [string, string[]] => {
    const ids = submits.flatMap(({ phase, job }) => (phase === "ok" && job !== undefined ? [job] : []));
    return [key, [...new Set(ids)].filter((id) => !jobs.get(id)?.record)];
  });
  return new Map(lost.filter(([, ids]) => ids.length > 0));
}

/** G1: an acknowledged job exists, unless a later fault may lose acknowledged jobs. */
export function acknowledgedJobsExist(history: History): Violation[] {
  const until = forgottenUntil(history, "jobs");
  return [...lostJobs(history)].flatMap(([key, ids]) => {
    const askedAt = history.keys.get(key)?.[0]?.t ?? 0;
    if (askedAt < until) return [];
    return ids.map((job) => ({ rule: "G1", job, says: `lost: was acknowledged for ${key}` }));
  });
}
