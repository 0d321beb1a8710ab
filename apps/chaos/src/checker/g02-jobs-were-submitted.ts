import type { History, JobHistory } from "../history/history.js";
import { forgottenUntil } from "./forgotten-until.js";
import type { Violation } from "./violation.js";

/** G2: nothing is stored, run or shown that nobody submitted. */
export function jobsWereSubmitted(history: History): Violation[] {
  const { keys, jobs } = history;
  const acknowledged = new Set([...keys.values()].flat().flatMap(({ job }) => job ?? []));
  return [...jobs.values()].flatMap((job) => {
    const { id, record } = job;
    if (acknowledged.has(id)) return [];
    const asked = keys.get(record?.key ?? "")?.[0];
    if (!record && wasForgotten(job, history)) return [];
    if (!record || !asked) return [{ rule: "G2", job: id, says: "phantom: nobody submitted it" }];
    return record.owner === asked.owner ? [] : [{ rule: "G2", job: id, says: `belongs to ${record.owner}` }];
  });
}

// Run before a fault that made Redis forget it, and made by a submit that was never answered.
function wasForgotten({ execs }: JobHistory, history: History): boolean {
  const until = forgottenUntil(history, "steps");
  const asked = new Set([...history.keys.values()].flat().map(({ n }) => n));
  return execs.length > 0 && execs.every(({ t, n, phase }) => asked.has(n) && (phase === "finish" || t < until));
}
