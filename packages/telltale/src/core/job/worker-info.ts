/** The form of a worker's name. */
export const WORKER_NAME_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** A job that a worker runs now. */
export interface RunningJob {
  id: string;
  kind: string;
  /** The number of the attempt in its round, from 1. */
  attempt: number;
  /** When the worker claimed the job: Redis's time, ms since 1970. */
  since: number;
}

/** A worker, as it described itself with its latest beat, which is at most five seconds old. Times are Redis's, in ms since 1970. */
export interface WorkerInfo {
  /** The option `name` of `createWorker`. Several workers can have the same one. */
  name: string;
  /** Different for each worker: `worker.id` in its process. */
  id: string;
  /** The version of Telltale that it runs. */
  version: string;
  /** The host name of its machine or container. */
  host: string;
  pid: number;
  /** The queues that it claims from, in alphabetical order: at most 50 of them. */
  queues: string[];
  /** The number of all queues that it claims from. */
  queueCount: number;
  /** The most attempts that it runs at the same time. */
  concurrency: number;
  startedAt: number;
  lastSeenAt: number;
  /** Whether it claims no more jobs, because it was asked to drain or is stopping. */
  draining: boolean;
  /** The jobs that it runs now, the longest-running first: at most 100, or 10 if more than 100 workers are listed. */
  running: RunningJob[];
  /** The number of all jobs that it runs now. */
  runningCount: number;
}

/** The workers of an application. A worker that was not seen for 15 seconds is gone. */
export interface WorkerList {
  /** When they were read: Redis's time, ms since 1970. */
  at: number;
  /** The number of all workers. */
  total: number;
  /** At most 1000 workers, by name and id. */
  workers: WorkerInfo[];
}

/** The answer when workers are asked to drain. */
export interface WorkersDrained {
  name: string;
  /** The number of workers with this name. Those that were asked before are counted too. */
  asked: number;
}
