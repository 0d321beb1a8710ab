import type { History } from "../history/history.js";
import { forgottenUntil } from "./forgotten-until.js";
import { lostJobs } from "./g01-acknowledged-jobs-exist.js";
import type { Violation } from "./violation.js";

/** G3: an idempotency key creates one job with one input, however often the submit is repeated. */
export function oneJobPerKey(history: History): Violation[] {
  const { keys, jobs } = history;
  const stored = [...jobs.values()].flatMap(({ record }) => record ?? []);
  // A lost job loses its key too. The same submit then creates another job.
  const until = forgottenUntil(history, "jobs");
  const lost = lostJobs(history);
  return [...keys].flatMap(([key, submits]) => {
    const gone = new Set((submits[0]?.t ?? 0) < until ? lost.get(key) : []);
    const answered = submits.filter(({ phase, job }) => phase === "ok" && !gone.has(job ?? ""));
    const ids = new Set([
      ...answered.flatMap(({ job }) => job ?? []),
      ...stored.filter((record) => record.key === key).map(({ job }) => job),
    ]);
    const inputs = new Set(answered.map(({ variant }) => variant));
    const [job] = ids;
    if (ids.size > 1) return [{ rule: "G3", job, says: `${key} created ${[...ids].join(" and ")}` }];
    return inputs.size > 1 ? [{ rule: "G3", job, says: `${key} was accepted with two inputs` }] : [];
  });
}
