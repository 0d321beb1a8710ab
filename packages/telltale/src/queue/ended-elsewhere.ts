import { kindOfJobId, type ObserverEventFields } from "../core/index.js";

type Ended = Omit<ObserverEventFields["job.ended"], "status">;

/** What is told of the end of a job that no attempt ended; what is known goes over it. */
export function endedElsewhere(queue: string, id: string): Ended {
  const kind = kindOfJobId(id) ?? "";
  return { kind, queue, id, code: null, reason: null, attempt: null, ageMs: null, worker: null };
}
