import type { FinalStatus, JobStatus } from "./contract/lifecycle.js";
import type { ErrorCode } from "./errors/error-codes.js";
import type { CancelReason } from "./job/event.js";

/** The job that an event is about. */
export interface ObservedJob {
  readonly kind: string;
  readonly queue: string;
  readonly id: string;
}

/** The attempt that an event is about, and the worker that runs it. */
export interface ObservedAttempt extends ObservedJob {
  /** The number of the attempt in its round, from 1. */
  readonly attempt: number;
  /** The worker's `id`. */
  readonly worker: string;
  /** The worker's `name`. */
  readonly workerName: string;
}

/** The actions that operators can take through the jobs router. */
export type OperatorAction =
  | "job.cancel"
  | "job.rerun"
  | "bulk.cancel"
  | "bulk.rerun"
  | "bulk.remove"
  | "bulk.runNow"
  | "queue.pause"
  | "queue.resume"
  | "queue.drain"
  | "queue.clean"
  | "queue.obliterate"
  | "schedule.set"
  | "schedule.remove"
  | "worker.drain";

/**
 * The fields of each event, by its type. Events never contain payloads (input, progress, output), error messages or secrets.
 * Fields whose names end in `Ms` are milliseconds.
 */
export interface ObserverEventFields {
  /** A job was submitted. Observed in the process that submitted it. For jobs of schedules see `schedule.fired`. */
  "job.submitted": ObservedJob & {
    /** The job's current status: `queued` or `scheduled` if it was created. Null if its record is damaged. */
    readonly status: JobStatus | null;
    /** False if a job with the same idempotency key already existed. */
    readonly created: boolean;
  };
  /** A worker claimed a job. */
  "job.claimed": ObservedAttempt & {
    /** The round, from 1. Each rerun starts a new one. */
    readonly round: number;
    /** The time from the job's submit to this claim, by Redis's clock. It includes delays, retries and earlier rounds. */
    readonly ageMs: number;
  };
  /** A handler is about to start. */
  "attempt.started": ObservedAttempt;
  /** A progress report was stored. Reports in quick succession are merged first. */
  "attempt.progressed": ObservedAttempt;
  /** An attempt ended. */
  "attempt.ended": ObservedAttempt & {
    /**
     * The job's status after the attempt, or `released` (returned to the queue at a shutdown, without spending the attempt), `lease_lost`
     * (another worker has the job now) or `unsettled` (Redis could not be reached; the job is retried when its lease expires).
     */
    readonly outcome: "completed" | "retrying" | "failed" | "cancelled" | "released" | "lease_lost" | "unsettled";
    /** Why it failed: a code of the contract or of `JOB_ERRORS`. Null if it did not fail. */
    readonly code: string | null;
    /** Whether the attempt ended the job, so that a `job.ended` follows. */
    readonly final: boolean;
    /** How long the handler and its middleware ran, or how long the attempt waited for them before it gave up. */
    readonly handlerMs: number;
    /** The time from `attempt.started` until the outcome was stored in Redis. */
    readonly durationMs: number;
    /** How long the job waits for its next attempt, or null if there is none. */
    readonly retryInMs: number | null;
  };
  /**
   * A round of a job ended. Observed once, in the process that ended it: the worker that ran the job, the process that cancelled
   * it, or the worker whose maintenance found it lost, expired or damaged. Not observed if the handler hung, because its process
   * is killed.
   */
  "job.ended": ObservedJob & {
    readonly status: FinalStatus;
    /** Why it failed: a code of the contract or of `JOB_ERRORS`. Null if it did not fail. */
    readonly code: string | null;
    /** Why the system cancelled the job. Null if it was not cancelled, or a user cancelled it. */
    readonly reason: CancelReason | null;
    /** The attempt that ended the job, or null. */
    readonly attempt: number | null;
    /** The time from the job's submit to its end, by Redis's clock. Null if no attempt ended it. */
    readonly ageMs: number | null;
    /** The `id` of the worker that ended the job, or null if another process did. */
    readonly worker: string | null;
    /** The `name` of that worker, or null. */
    readonly workerName: string | null;
  };
  /** A worker lost the lease of a job while running it. Another worker has the job now. */
  "lease.lost": ObservedAttempt;
  /** A schedule submitted a job. */
  "schedule.fired": ObservedJob & {
    /** The schedule's name. */
    readonly schedule: string;
    /** How long after its scheduled time the schedule fired, by Redis's clock. */
    readonly lateMs: number;
  };
  /** A worker ran the maintenance of a queue, which happens about once a second. */
  "maintenance.ran": {
    readonly queue: string;
    readonly worker: string;
    readonly workerName: string;
    readonly durationMs: number;
    /** The number of due jobs that were queued. */
    readonly promoted: number;
    /** The number of jobs that were taken back from lost workers. */
    readonly reclaimed: number;
    /** The number of jobs that were cancelled because they had not started in time. */
    readonly expired: number;
    /** The number of jobs that failed as `corrupt`. */
    readonly condemned: number;
    /** The number of jobs that were set aside because not even their status could be read. */
    readonly setAside: number;
    /** The number of finished jobs that were deleted. */
    readonly pruned: number;
    /** The error that interrupted the maintenance, or null. */
    readonly code: ErrorCode | null;
  };
  /** A watcher of a job had missed changes. They were read again from Redis. */
  "watch.repaired": ObservedJob & {
    /** How this was detected. `overflow` means that the reader was too slow and got a snapshot. */
    readonly cause: "gap" | "reconnect" | "position_check" | "overflow";
    /** The number of updates that the watcher got. */
    readonly updates: number;
  };
  /** A Lua script was called. */
  "script.called": {
    /** Its name, such as `claim`. */
    readonly script: string;
    /** The queue that it is about. Null for scripts of the registry of workers. */
    readonly queue: string | null;
    /** The time from sending the call to its reply. */
    readonly durationMs: number;
    /** The error, or null. */
    readonly code: ErrorCode | null;
  };
  /** A connection to Redis was lost, or could not be opened at the start. Observed once, and again only after it was restored. */
  "connection.lost": {
    /** The purpose of the connection: `commands`, `subscriber`, `submits` (with `replicas`) or `doorbell`. */
    readonly connection: string;
  };
  /** A lost connection was restored. */
  "connection.restored": {
    readonly connection: string;
    readonly downMs: number;
  };
  /** A client opened a WebSocket. */
  "socket.opened": {
    /** The number of the socket in its gateway, from 1. */
    readonly socket: number;
  };
  /** A WebSocket was closed, by either side. */
  "socket.closed": {
    readonly socket: number;
    /** The close code, or 1006 if the connection broke. */
    readonly closeCode: number;
    readonly durationMs: number;
  };
  /** A socket was terminated because its client stopped reading. A `socket.closed` follows. */
  "socket.cut": {
    readonly socket: number;
    /** The bytes that were waiting to be sent. */
    readonly bufferedBytes: number;
  };
  /** A call from a client was refused. */
  "call.refused": {
    /** `gateway` if the gateway refused the call before any procedure ran, `router` if a procedure of the jobs router did. */
    readonly by: "gateway" | "router";
    readonly transport: "http" | "ws" | null;
    /** The procedure, such as `jobs.submit`. Null if the gateway refused the call. */
    readonly path: string | null;
    /** The caller (`Subject.id`), or null if unknown. */
    readonly subject: string | null;
    /** The error code. Null if the gateway refused the call. */
    readonly code: ErrorCode | null;
    /** The HTTP status. Null if a procedure refused the call. */
    readonly status: number | null;
  };
  /** An operator took an action through the jobs router, and it succeeded. */
  "operator.acted": {
    readonly action: OperatorAction;
    /** The operator (`Subject.id`). */
    readonly actor: string;
    /** The queue of the action, or null if it was not about one queue. */
    readonly queue: string | null;
    /** The job that was cancelled or rerun. */
    readonly id: string | null;
    /** The name of the schedule that was set or removed. */
    readonly schedule: string | null;
    /** The name of the workers that were asked to drain. */
    readonly workerName: string | null;
    /** The number of jobs that a step of a bulk action changed, or that an action on a queue has changed since it began. */
    readonly jobs: number | null;
  };
}

/** The types of events. */
export type ObserverEventType = keyof ObserverEventFields;

/** An event that observers receive: a union by `type`. */
export type ObserverEvent<T extends ObserverEventType = ObserverEventType> = {
  readonly [K in T]: { readonly type: K } & Readonly<ObserverEventFields[K]>;
}[T];

/**
 * Receives each event when it happens, in the process in which it happens. It is called synchronously during the work, so it
 * must be fast. If it throws or rejects, the first error is logged; errors have no other effect.
 */
export type Observer = (event: ObserverEvent) => void;
