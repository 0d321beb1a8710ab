import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G1: a job whose submit was acknowledged is there. */
export function acknowledgedJobsExist({ keys, jobs }: History): Violation[] {
  return [...keys].flatMap(([key, submits]) =>
    submits.flatMap(({ phase, job }) =>
      phase !== "ok" || jobs.get(job ?? "")?.record ? [] : [{ rule: "G1", job, says: `lost: acknowledged for ${key}` }],
    ),
  );
}
