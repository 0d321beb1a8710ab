import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G5: if every submit of a key was refused, there is no job. */
export function refusedSubmitsLeaveNothing({ keys, jobs }: History): Violation[] {
  const stored = new Map([...jobs.values()].map(({ id, record }) => [record?.key, id]));
  return [...keys].flatMap(([key, submits]) => {
    const fails = submits.filter(({ phase }) => phase === "fail");
    const invokes = submits.filter(({ phase }) => phase === "invoke");
    const job = stored.get(key);
    if (fails.length < invokes.length || job === undefined) return [];
    return [
      {
        rule: "G5",
        job,
        says: `${key} was refused with ${fails.map(({ code }) => code).join(", ")}, but the job exists`,
      },
    ];
  });
}
