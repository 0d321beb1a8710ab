import type { FinalStatus, JobStatus } from "./contract/lifecycle.js";
import type { ErrorCode } from "./errors/error-codes.js";
import type { CancelReason } from "./job/event.js";

/** Which job something happened to. */
export interface ObservedJob {
  readonly kind: string;
  readonly queue: string;
  readonly id: string;
}

/** Which attempt of which job, and the worker that runs it (`worker.id`). */
export interface ObservedAttempt extends ObservedJob {
  /** 1 for the first execution of a round. */
  readonly attempt: number;
  readonly worker: string;
}

/** What an operator can do through the jobs router. */
export type OperatorAction =
  | "job.cancel"
  | "job.rerun"
  | "queue.pause"
  | "queue.resume"
  | "schedule.set"
  | "schedule.remove";

/**
 * The fields of every event an observer receives, by the event's type. None holds a payload (input, progress, output), the
 * message of an error, or a secret. Names that end in `Ms` are milliseconds.
 */
export interface ObserverEventFields {
  /** A submit was answered. Told by the process that submitted; jobs of schedules are told as `schedule.fired`. */
  "job.submitted": ObservedJob & {
    /** Of the job now; `queued` or `scheduled` where it was made. Null where its record is damaged. */
    readonly status: JobStatus | null;
    /** False where the idempotency key led to a job that existed. */
    readonly created: boolean;
  };
  /** A worker took a job. */
  "job.claimed": ObservedAttempt & {
    /** 1, and one more after each rerun. */
    readonly round: number;
    /** From the job's first submit to this claim, by the clock of Redis. It includes delays, retries and earlier rounds. */
    readonly ageMs: number;
  };
  /** A handler is about to run. */
  "attempt.started": ObservedAttempt;
  /** A report of progress was stored. Reports close together are merged before they are sent. */
  "attempt.progressed": ObservedAttempt;
  /** An attempt that was started is over. */
  "attempt.ended": ObservedAttempt & {
    /**
     * What the job became: `released` was given back unspent (shutdown), `lease_lost` belongs to another worker by now,
     * `unsettled` could not be told to Redis and comes back when its lease runs out.
     */
    readonly outcome: "completed" | "retrying" | "failed" | "cancelled" | "released" | "lease_lost" | "unsettled";
    /** Why it failed: a code of the contract or of `JOB_ERRORS`. Null where it did not. */
    readonly code: string | null;
    /** Whether it ended the job, so that a `job.ended` follows. */
    readonly final: boolean;
    /** How long the handler and its middleware ran, until the attempt no longer waited for them. */
    readonly handlerMs: number;
    /** From `attempt.started` until Redis had the outcome. */
    readonly durationMs: number;
    /** How long the job waits for its next attempt; null where there is none. */
    readonly retryInMs: number | null;
  };
  /**
   * A round of a job ended. Told once, by the process that ended it: the worker that ran it, the process that cancelled it,
   * or the worker whose maintenance found that it was lost, late or damaged. A job whose handler hung is not told of: its
   * process is killed.
   */
  "job.ended": ObservedJob & {
    readonly status: FinalStatus;
    /** Why it failed: a code of the contract or of `JOB_ERRORS`. Null where it did not. */
    readonly code: string | null;
    /** Why it was cancelled where nobody asked for that; null otherwise. */
    readonly reason: CancelReason | null;
    /** The attempt that ended it; null where none did. */
    readonly attempt: number | null;
    /** From the job's first submit to its end, by the clock of Redis; null where no attempt ended it. */
    readonly ageMs: number | null;
    /** The worker that ended it; null where another process did. */
    readonly worker: string | null;
  };
  /** A worker lost the lease of a job it runs: the job is another worker's now. */
  "lease.lost": ObservedAttempt;
  /** A schedule made a job. */
  "schedule.fired": ObservedJob & {
    /** The schedule's name. */
    readonly schedule: string;
    /** How long after its time, by the clock of Redis. */
    readonly lateMs: number;
  };
  /** A worker did what every worker does for a queue about once a second. */
  "maintenance.ran": {
    readonly queue: string;
    readonly worker: string;
    readonly durationMs: number;
    /** Jobs that were due and are queued now. */
    readonly promoted: number;
    /** Jobs that were taken back from workers that were lost. */
    readonly reclaimed: number;
    /** Jobs that were cancelled because they did not start in time. */
    readonly expired: number;
    /** Jobs that failed as `corrupt`. */
    readonly condemned: number;
    /** Jobs of which not even the status could be read. */
    readonly setAside: number;
    /** Finished jobs that were deleted. */
    readonly pruned: number;
    /** What broke it off; null where nothing did. */
    readonly code: ErrorCode | null;
  };
  /** A watcher of a job had missed changes and was made level with the job again. */
  "watch.repaired": ObservedJob & {
    /** How that was noticed. `overflow`: the reader was too slow, and got a snapshot. */
    readonly cause: "gap" | "reconnect" | "position_check" | "overflow";
    /** Updates that the watcher was given by it. */
    readonly updates: number;
  };
  /** A Lua script was called. */
  "script.called": {
    /** Its name, such as `claim`. */
    readonly script: string;
    readonly queue: string;
    /** From sending it to its answer. */
    readonly durationMs: number;
    /** Why it failed; null where it did not. */
    readonly code: ErrorCode | null;
  };
  /** A connection to Redis was lost, or could not be made at the start. Told once until it is restored. */
  "connection.lost": {
    /** What it is for: `commands`, `subscriber`, `submits` (with `replicas`), `doorbell`. */
    readonly connection: string;
  };
  /** A connection that was lost is there again. */
  "connection.restored": {
    readonly connection: string;
    readonly downMs: number;
  };
  /** A client opened a WebSocket. */
  "socket.opened": {
    /** Counts the sockets of a gateway from 1. */
    readonly socket: number;
  };
  /** A WebSocket is closed, by either side. */
  "socket.closed": {
    readonly socket: number;
    /** The close code; 1006 where the connection broke. */
    readonly closeCode: number;
    readonly durationMs: number;
  };
  /** A client stopped reading, and its socket is cut. A `socket.closed` follows. */
  "socket.cut": {
    readonly socket: number;
    /** What waited to be sent. */
    readonly bufferedBytes: number;
  };
  /** A call from outside was refused. */
  "call.refused": {
    /** Who refused it: the gateway before any procedure ran, or a procedure of the jobs router. */
    readonly by: "gateway" | "router";
    readonly transport: "http" | "ws" | null;
    /** The procedure, such as `jobs.submit`; null where the gateway refused. */
    readonly path: string | null;
    /** Who called (`Subject.id`); null where nobody is known. */
    readonly subject: string | null;
    /** The error's code; null where the gateway refused. */
    readonly code: ErrorCode | null;
    /** The HTTP status; null where a procedure refused. */
    readonly status: number | null;
  };
  /** An operator acted through the jobs router, with success. */
  "operator.acted": {
    readonly action: OperatorAction;
    /** Who it was (`Subject.id`). */
    readonly actor: string;
    /** The queue that was paused or resumed. */
    readonly queue: string | null;
    /** The job that was cancelled or run again. */
    readonly id: string | null;
    /** The name of the schedule that was set or removed. */
    readonly schedule: string | null;
  };
}

/** What an observer can be told of. */
export type ObserverEventType = keyof ObserverEventFields;

/** Something that happened, as data: a union by `type`. */
export type ObserverEvent<T extends ObserverEventType = ObserverEventType> = {
  readonly [K in T]: { readonly type: K } & Readonly<ObserverEventFields[K]>;
}[T];

/**
 * Receives every event, at the moment it happens and in the process it happens in. Keep it quick: it is called between two
 * steps of the work. What it throws or rejects with is logged once and harms nothing else.
 */
export type Observer = (event: ObserverEvent) => void;
