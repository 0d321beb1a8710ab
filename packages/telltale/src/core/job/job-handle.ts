import type { AnyJob, InputOf, Jobs, OutputOf } from "../contract/contract.js";
import type { TelltaleError } from "../errors/error.js";
import type { JobChunk, JobEvent } from "./event.js";
import type { JobDetail } from "./job-detail.js";
import type { JobError } from "./job-error.js";
import type { JobPages, ListOptions } from "./job-page.js";
import type { SubmitOptions } from "./submit-options.js";

/** How a job ended. It is a value and not an exception, so that the job's error keeps its type. */
export type JobResult<J extends AnyJob> =
  | { ok: true; output: OutputOf<J> }
  | { ok: false; status: "failed"; error: JobError<J> }
  | { ok: false; status: "cancelled" };

/**
 * The result of a cancel: `cancelled` if the job was waiting and is now cancelled, `requested` if it is running and its handler
 * was asked to stop, `already_finished` if it had already ended.
 */
export type CancelOutcome = "cancelled" | "requested" | "already_finished";

/** A handle on one job. It works the same in a browser and in the server process. */
export interface JobHandle<J extends AnyJob> {
  /** The job's id. It begins with the kind. */
  readonly id: string;
  /** The token with which a caller without credentials can watch and cancel this job. Undefined if the handle needs none. */
  readonly token: string | undefined;
  /** Returns the job's current state, with the errors of failed attempts. Rejects with `not_found`. */
  get(): Promise<JobDetail<J>>;
  /**
   * Iterates over the job's events: each transition once and in order, and the latest progress in between. Ends after the event
   * that ends the round. Rejects with `not_found`.
   */
  watch(options?: WatchOptions): JobFeed<JobEvent<J>>;
  /**
   * Iterates over the streamed output in order: first the stored pieces, then new ones. Ends with the round. Rejects with
   * `not_found`.
   */
  chunks(options?: WatchOptions): JobFeed<JobChunk<J>>;
  /**
   * Waits for the end of the round and returns how it ended. A failed job does not make it reject; see `output`. Rejects if the
   * signal aborts first.
   */
  result(options?: Readonly<{ signal?: AbortSignal | undefined }>): Promise<JobResult<J>>;
  /**
   * Like `result`, but returns the output. Rejects with `job_failed`, with the job's error in `data`, or with `job_cancelled`.
   */
  output(options?: Readonly<{ signal?: AbortSignal | undefined }>): Promise<OutputOf<J>>;
  /**
   * Cancels a waiting job, or asks the handler of a running one to stop by aborting its signal. Rejects with `not_found`.
   */
  cancel(): Promise<CancelOutcome>;
}

/** The options of `watch` and `chunks`. */
export interface WatchOptions {
  /** Ends the iteration when it aborts, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Continues after this `position` of an earlier iteration, which may have run in another process. */
  readonly after?: string | undefined;
}

/** An iterator over a job's events or chunks. */
export interface JobFeed<T> extends AsyncIterableIterator<T> {
  /** The position of the last item. Pass it as `after` to continue later. It is opaque: do not parse it. */
  readonly position: string | undefined;
}

/** One job to submit with `submitMany`. */
export interface SubmitItem<J extends AnyJob, O = SubmitOptions> {
  readonly input: InputOf<J>;
  readonly options?: O | undefined;
}

/** The outcome for one item of `submitMany`: a handle on its job, or its error. */
export type SubmitOutcome<H> =
  | { readonly ok: true; readonly job: H }
  | { readonly ok: false; readonly error: TelltaleError };

/** Submits and finds the jobs of one kind. */
export interface JobClient<J extends AnyJob, O = SubmitOptions> {
  /**
   * Submits one job. Rejects with `invalid_input`, `too_large`, `idempotency_conflict`, `unique_conflict`, `queue_full`,
   * `redis_full`, `redis_unavailable`, or with `outcome_unknown` if the reply was lost.
   */
  submit(input: InputOf<J>, options?: O): Promise<JobHandle<J>>;
  /** Submits any number of jobs. Returns one outcome for each item, in order. */
  submitMany(items: readonly SubmitItem<J, O>[]): Promise<SubmitOutcome<JobHandle<J>>[]>;
  /** Returns a handle on the job with this id. Makes no call to the server or Redis until you use the handle. */
  job(id: string, options?: Readonly<{ token?: string }>): JobHandle<J>;
  /** Lists jobs of this kind, newest first. Iterate over the result for all pages, or call `page()` for one page. */
  list(options?: ListOptions): JobPages<J["kind"]>;
}

/** A `JobClient` for every contract, by kind. */
export type JobClients<T extends Jobs, O = SubmitOptions> = { readonly [K in keyof T]: JobClient<T[K], O> };
