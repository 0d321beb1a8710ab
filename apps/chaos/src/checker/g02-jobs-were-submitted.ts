import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G2: nothing is stored, run or shown that nobody submitted. */
export function jobsWereSubmitted({ keys, jobs }: History): Violation[] {
  const acknowledged = new Set([...keys.values()].flat().flatMap(({ job }) => job ?? []));
  return [...jobs.values()].flatMap(({ id, record }) => {
    if (acknowledged.has(id)) return [];
    const asked = keys.get(record?.key ?? "")?.[0];
    if (!record || !asked) return [{ rule: "G2", job: id, says: "phantom: nobody submitted it" }];
    return record.owner === asked.owner ? [] : [{ rule: "G2", job: id, says: `belongs to ${record.owner}` }];
  });
}
