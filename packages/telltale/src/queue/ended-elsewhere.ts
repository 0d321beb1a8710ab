import { kindOfJobId, type ObserverEventFields } from "../core/index.js";

type Ended = Omit<ObserverEventFields["job.ended"], "status">;

/** The event for a job that was not ended by an attempt. Callers override the fields that they know. */
export function endedElsewhere(queue: string, id: string): Ended {
  const kind = kindOfJobId(id) ?? "";
  return { kind, queue, id, code: null, reason: null, attempt: null, ageMs: null, worker: null };
}
