import type { AnyJob, InputOf, Jobs, OutputOf } from "../contract/contract.js";
import type { TelltaleError } from "../errors/error.js";
import type { JobChunk, JobEvent } from "./event.js";
import type { JobDetail } from "./job-detail.js";
import type { JobError } from "./job-error.js";
import type { JobPages, ListOptions } from "./job-page.js";
import type { SubmitOptions } from "./submit-options.js";

/** How a job ended, in a form a `catch` could not type. */
export type JobResult<J extends AnyJob> =
  | { ok: true; output: OutputOf<J> }
  | { ok: false; status: "failed"; error: JobError<J> }
  | { ok: false; status: "cancelled" };

/** What a cancel did: ended the job, asked its running handler to stop, or came too late. */
export type CancelOutcome = "cancelled" | "requested" | "already_finished";

/** A hold on one job, the same in the browser and in the process that owns the queue. */
export interface JobHandle<J extends AnyJob> {
  readonly id: string;
  /** The right to watch and cancel this job; undefined on a handle that needs none. */
  readonly token: string | undefined;
  /** How the job stands now, with what went wrong so far. Rejects with `not_found`. */
  get(): Promise<JobDetail<J>>;
  /** Every transition once and in order, the latest progress in between; ends after the event that ends the round. */
  watch(options?: WatchOptions): JobFeed<JobEvent<J>>;
  /** The streamed output so far and to come, in order; ends with the round. */
  chunks(options?: WatchOptions): JobFeed<JobChunk<J>>;
  /** Waits for the end of the round. */
  result(options?: Readonly<{ signal?: AbortSignal | undefined }>): Promise<JobResult<J>>;
  /** Waits for the output; rejects with `job_failed` (the job's error in `data`) or `job_cancelled`. */
  output(options?: Readonly<{ signal?: AbortSignal | undefined }>): Promise<OutputOf<J>>;
  /**
   * Cancels the job, or asks its handler to stop: `cancelled`, `requested`, or `already_finished` for a job that has ended.
   * Rejects with `not_found`.
   */
  cancel(): Promise<CancelOutcome>;
}

/** How to watch. */
export interface WatchOptions {
  /** Ends the iteration quietly. */
  readonly signal?: AbortSignal | undefined;
  /** Goes on after this `position` of an earlier iteration, of this process or of another. */
  readonly after?: string | undefined;
}

/** An iteration over what a job tells. */
export interface JobFeed<T> extends AsyncIterableIterator<T> {
  /** Where it stands: the position of what it gave last, or where it began. To be kept, and not to be read. */
  readonly position: string | undefined;
}

/** One job of a `submitMany`. */
export interface SubmitItem<J extends AnyJob, O = SubmitOptions> {
  readonly input: InputOf<J>;
  readonly options?: O | undefined;
}

/** What came of one item of a `submitMany`: a hold on its job, or why there is none. */
export type SubmitOutcome<H> =
  | { readonly ok: true; readonly job: H }
  | { readonly ok: false; readonly error: TelltaleError };

/** Submits jobs of one kind and finds them again. */
export interface JobClient<J extends AnyJob, O = SubmitOptions> {
  /**
   * Submits one job. Rejects with `invalid_input`, `too_large`, `idempotency_conflict`, `unique_conflict`, `queue_full`,
   * `redis_full`, `redis_unavailable`, or `outcome_unknown` where the answer was lost.
   */
  submit(input: InputOf<J>, options?: O): Promise<JobHandle<J>>;
  /** Submits any number of jobs and answers item by item, in their order. */
  submitMany(items: readonly SubmitItem<J, O>[]): Promise<SubmitOutcome<JobHandle<J>>[]>;
  /** A hold on a job met by its id. Nothing is asked until it is used. */
  job(id: string, options?: Readonly<{ token?: string }>): JobHandle<J>;
  /** Jobs of this kind, newest first: to be iterated page by page, or one `page()` at a time. */
  list(options?: ListOptions): JobPages<J["kind"]>;
}

/** A `JobClient` for every contract, by kind. */
export type JobClients<T extends Jobs, O = SubmitOptions> = { readonly [K in keyof T]: JobClient<T[K], O> };
