import type { History } from "../history/history.js";
import type { Violation } from "./violation.js";

/** G3: one idempotency key is one job with one input, however often it was sent and answered. */
export function oneJobPerKey({ keys, jobs }: History): Violation[] {
  const stored = [...jobs.values()].flatMap(({ record }) => record ?? []);
  return [...keys].flatMap(([key, submits]) => {
    const ids = new Set([
      ...submits.flatMap(({ job }) => job ?? []),
      ...stored.filter((record) => record.key === key).map(({ job }) => job),
    ]);
    const inputs = new Set(submits.filter(({ phase }) => phase === "ok").map(({ variant }) => variant));
    const [job] = ids;
    if (ids.size > 1) return [{ rule: "G3", job, says: `${key} made ${[...ids].join(" and ")}` }];
    return inputs.size > 1 ? [{ rule: "G3", job, says: `${key} took two inputs` }] : [];
  });
}
