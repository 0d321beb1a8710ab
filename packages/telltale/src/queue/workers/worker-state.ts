import type { RunningJob, WorkerInfo } from "../../core/index.js";

// Without zod, because the lease thread uses it.

/** What a worker tells about itself with each beat. */
export interface WorkerState
  extends Pick<WorkerInfo, "version" | "host" | "pid" | "queues" | "queueCount" | "concurrency" | "draining"> {
  readonly running: readonly Omit<RunningJob, "kind">[];
  readonly runningCount: number;
}

/** The most names of queues in a record. A record with the longest names then has some 20 KB. */
export const QUEUES_SHOWN = 50;
/** The most running jobs in a record. */
export const RUNNING_SHOWN = 100;

/** Returns a worker's entry in the registry, by which it is ordered. */
export function entryOf({ name, id }: Pick<WorkerInfo, "name" | "id">): string {
  return `${name} ${id}`;
}

/** Returns the record to store, as one line. A job's kind is in its id. */
export function toRecord({ running, ...state }: WorkerState): string {
  return JSON.stringify({ ...state, running: running.map(({ id, attempt, since }) => [id, attempt, since]) });
}
