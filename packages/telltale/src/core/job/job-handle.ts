import type { AnyJob, InputOf, Jobs, OutputOf } from "../contract/contract.js";
import type { TelltaleError } from "../errors/error.js";
import type { JobChunk, JobEvent } from "./event.js";
import type { JobDetail } from "./job-detail.js";
import type { JobError } from "./job-error.js";
import type { JobPages, ListOptions } from "./job-page.js";
import type { SubmitOptions } from "./submit-options.js";

/** How a job ended, as a value with types, which a thrown error would not have. */
export type JobResult<J extends AnyJob> =
  | { ok: true; output: OutputOf<J> }
  | { ok: false; status: "failed"; error: JobError<J> }
  | { ok: false; status: "cancelled" };

/**
 * The result of a cancel: `cancelled` if the job had not started and has ended now, `requested` if its running handler was asked
 * to stop, `already_finished` if it had ended before.
 */
export type CancelOutcome = "cancelled" | "requested" | "already_finished";

/** A handle on one job. It works the same in a browser and in the server process. */
export interface JobHandle<J extends AnyJob> {
  readonly id: string;
  /** The token that permits to watch and cancel this job; undefined on a handle that needs none. */
  readonly token: string | undefined;
  /** Returns the job's current state, with the errors of failed attempts. Rejects with `not_found`. */
  get(): Promise<JobDetail<J>>;
  /**
   * Iterates over the job's events: each transition once and in order, and the latest progress in between. Ends after the event
   * that ends the round.
   */
  watch(options?: WatchOptions): JobFeed<JobEvent<J>>;
  /** Iterates over the streamed output from its start, in order, and then over what follows. Ends with the round. */
  chunks(options?: WatchOptions): JobFeed<JobChunk<J>>;
  /** Waits for the end of the round. Does not reject if the job fails; see `output`. */
  result(options?: Readonly<{ signal?: AbortSignal | undefined }>): Promise<JobResult<J>>;
  /** Waits for the output. Rejects with `job_failed`, with the job's error in `data`, or with `job_cancelled`. */
  output(options?: Readonly<{ signal?: AbortSignal | undefined }>): Promise<OutputOf<J>>;
  /**
   * Cancels a waiting job, or asks the handler of a running one to stop by aborting its signal. Rejects with `not_found`.
   */
  cancel(): Promise<CancelOutcome>;
}

/** The options of `watch` and `chunks`. */
export interface WatchOptions {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Continues after this `position` of an earlier iteration, also of another process. */
  readonly after?: string | undefined;
}

/** An iterator over a job's events or chunks. */
export interface JobFeed<T> extends AsyncIterableIterator<T> {
  /** The position of the last item, to be passed as `after` later. Its text has no meaning for you. */
  readonly position: string | undefined;
}

/** One job of a `submitMany`. */
export interface SubmitItem<J extends AnyJob, O = SubmitOptions> {
  readonly input: InputOf<J>;
  readonly options?: O | undefined;
}

/** The outcome of one item of `submitMany`: a handle on its job, or the error. */
export type SubmitOutcome<H> =
  | { readonly ok: true; readonly job: H }
  | { readonly ok: false; readonly error: TelltaleError };

/** Submits jobs of one kind and finds them again. */
export interface JobClient<J extends AnyJob, O = SubmitOptions> {
  /**
   * Submits one job. Rejects with `invalid_input`, `too_large`, `idempotency_conflict`, `unique_conflict`, `queue_full`,
   * `redis_full`, `redis_unavailable`, or with `outcome_unknown` if the reply was lost.
   */
  submit(input: InputOf<J>, options?: O): Promise<JobHandle<J>>;
  /** Submits any number of jobs. Returns one outcome for each, in their order. */
  submitMany(items: readonly SubmitItem<J, O>[]): Promise<SubmitOutcome<JobHandle<J>>[]>;
  /** Returns a handle on the job with this id. It makes no call until you use it. */
  job(id: string, options?: Readonly<{ token?: string }>): JobHandle<J>;
  /** Lists jobs of this kind, newest first. Iterate over the pages, or call `page()` for one. */
  list(options?: ListOptions): JobPages<J["kind"]>;
}

/** A `JobClient` for every contract, by kind. */
export type JobClients<T extends Jobs, O = SubmitOptions> = { readonly [K in keyof T]: JobClient<T[K], O> };
