import type { History, JobHistory } from "../history/history.js";
import { CLOCK } from "../load/clock.js";
import { forgottenUntil } from "./forgotten-until.js";
import type { Violation } from "./violation.js";

const CHILD_KEY = /^child\/([^/]+)\/\d+\/\d+$/;

/** Whether a stored job is one that a handler of the harness, or its schedule, has created. */
export function wasCreatedInside({ id, record }: JobHistory, { jobs, firings }: History): boolean {
  if (record?.owner === CLOCK) return firings.some(({ job }) => job === id);
  const [, parent = ""] = CHILD_KEY.exec(record?.key ?? "") ?? [];
  return jobs.get(parent)?.record?.owner === record?.owner && record !== undefined;
}

/** G1 and G3: a completed attempt's child exists, and a round has each child once. */
export function childrenAreKept(history: History): Violation[] {
  const until = forgottenUntil(history, "jobs");
  const all = [...history.jobs.values()];
  const lost = all.flatMap(({ execs }) =>
    execs.flatMap(({ child, t }): Violation[] => {
      if (child === undefined || t < until || history.jobs.get(child)?.record) return [];
      return [{ rule: "G1", job: child, says: "lost: its parent completed with it" }];
    }),
  );
  const keys = all.flatMap(({ record }) => (record && CHILD_KEY.test(record.key) ? [record.key] : []));
  const twice = keys.filter((key, at) => keys.indexOf(key) < at);
  return [...lost, ...twice.map((key) => ({ rule: "G3", says: `${key} was created twice` }))];
}
