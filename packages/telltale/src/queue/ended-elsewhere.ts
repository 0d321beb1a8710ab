import { kindOfJobId, type ObserverEventFields } from "../core/index.js";

type Ended = Omit<ObserverEventFields["job.ended"], "status">;

/** Returns the fields of `job.ended` for a job that ended outside an attempt. Callers override the fields they know. */
export function endedElsewhere(queue: string, id: string): Ended {
  const kind = kindOfJobId(id) ?? "";
  return { kind, queue, id, code: null, reason: null, attempt: null, ageMs: null, worker: null, workerName: null };
}
