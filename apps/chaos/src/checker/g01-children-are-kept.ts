import type { History } from "../history/history.js";
import { forgottenUntil } from "./forgotten-until.js";
import type { Violation } from "./violation.js";

/** The idempotency key of a child job: its parent, the round and the number of the call. */
export const CHILD_KEY = /^child\/([^/]+)\/\d+\/\d+$/;

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
