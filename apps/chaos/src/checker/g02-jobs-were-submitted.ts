import type { History, JobHistory } from "../history/history.js";
import { CLOCK } from "../load/clock.js";
import { forgottenUntil } from "./forgotten-until.js";
import { CHILD_KEY } from "./g01-children-are-kept.js";
import type { Violation } from "./violation.js";

/** G2: only submitted jobs are stored, run and shown. */
export function jobsWereSubmitted(history: History): Violation[] {
  const { keys, jobs } = history;
  const acknowledged = new Set([...keys.values()].flat().flatMap(({ job }) => job ?? []));
  return [...jobs.values()].flatMap((job) => {
    const { id, record } = job;
    if (acknowledged.has(id) || wasCreatedInside(job, history)) return [];
    const asked = keys.get(record?.key ?? "")?.[0];
    if (!record && wasForgotten(job, history)) return [];
    if (!record || !asked) return [{ rule: "G2", job: id, says: "phantom: was never submitted" }];
    return record.owner === asked.owner
      ? []
      : [{ rule: "G2", job: id, says: `belongs to ${record.owner}, not ${asked.owner}` }];
  });
}

// Its submit was never answered, and it ran only before a fault that made Redis forget it.
function wasForgotten({ execs }: JobHistory, history: History): boolean {
  const until = forgottenUntil(history, "steps");
  const asked = new Set([...history.keys.values()].flat().map(({ n }) => n));
  return execs.length > 0 && execs.every(({ t, n, phase }) => asked.has(n) && (phase === "finish" || t < until));
}

// By a handler of the harness, or by its schedule.
function wasCreatedInside({ id, record }: JobHistory, { jobs, firings }: History): boolean {
  if (record?.owner === CLOCK) return firings.some(({ job }) => job === id);
  const [, parent = ""] = CHILD_KEY.exec(record?.key ?? "") ?? [];
  return jobs.get(parent)?.record?.owner === record?.owner && record !== undefined;
}
