import type {
  AnyJob,
  JobHandle as CoreJobHandle,
  WatchOptions as CoreWatchOptions,
  InputOf,
  JobChunk,
  JobEvent,
  JobFeed,
  JobPages,
  JobStatus,
  Jobs,
  ListOptions,
  SubmitItem,
  SubmitOptions,
  SubmitOutcome,
} from "../core/index.js";

/**
 * The state of a watcher's connection: `connecting` until the first success, then `live`, and `reconnecting` after a loss. If too many
 * watchers are open, they take turns of three seconds, counted from the moment at which one is `live`, and are `waiting` in between.
 * `closed` is reported once, when the iteration ends.
 */
export type ConnectionState = "connecting" | "live" | "reconnecting" | "waiting" | "closed";

/** The options of `watch` and `chunks` of a network client. */
export interface WatchOptions extends CoreWatchOptions {
  /** Called at each change of this iteration's connection. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

/** A handle on one job of a server. */
export interface JobHandle<J extends AnyJob> extends CoreJobHandle<J> {
  /**
   * The job's status when it was submitted. If the submit found an existing job by its key, this is the status of that job. It is
   * not updated; use `get` for the current one. Undefined on handles from `job(id)`.
   */
  readonly statusAtSubmit: JobStatus | undefined;
  /**
   * Iterates over the job's events: each transition once and in order, and the latest progress in between. After a lost connection
   * it reconnects and resumes, without a limit of tries. Ends after the event that ends the round. Rejects with errors that a retry
   * cannot fix, such as `not_found` or `unauthorized`, and with `closed` when the client is closed.
   */
  watch(options?: WatchOptions): JobFeed<JobEvent<J>>;
  /**
   * Iterates over the chunks of the streamed output, from the first one or after `after`, complete and in order. Waits for further
   * chunks until the round ends. Reconnects and rejects like `watch`.
   */
  chunks(options?: WatchOptions): JobFeed<JobChunk<J>>;
}

/** Submits jobs of one kind to a server, and finds them again. */
export interface JobClient<J extends AnyJob> {
  /**
   * Submits one job. If the reply is lost or the error is temporary, the call is repeated with the same idempotency key, up to 5
   * tries in 20 s, so no retry creates a second job. Rejects with the last error, or with `outcome_unknown` if the job may exist:
   * then submit again with the idempotency key in `data`.
   */
  submit(input: InputOf<J>, options?: SubmitOptions): Promise<JobHandle<J>>;
  /**
   * Submits any number of jobs in calls of at most 50, and returns one outcome for each, in order. Options, encoding and size are
   * checked before anything is sent: the first invalid item rejects the whole call with `invalid_input` or `too_large` (over 256 KB)
   * and with its `index` in `data`. The server then checks the inputs against the contract: an invalid one gets the outcome
   * `invalid_input`, and the others are submitted. Each item keeps its idempotency key over all tries, as in `submit`. After a call
   * without a reply, or with an error that affects all items, the remaining items are not sent and get an error as well.
   */
  submitMany(items: readonly SubmitItem<J>[]): Promise<SubmitOutcome<JobHandle<J>>[]>;
  /** Returns a handle on the job with this id. It makes no call until you use it. */
  job(id: string, options?: Readonly<{ token?: string | undefined }>): JobHandle<J>;
  /**
   * Lists the caller's jobs of this kind, or those of all owners for an operator, newest first. Iterate over the pages, or call
   * `page()` for one.
   */
  list(options?: ListOptions): JobPages<J["kind"]>;
}

/** A `JobClient` for every contract, under the name of its kind. */
export type JobClients<T extends Jobs> = { readonly [K in keyof T]: JobClient<T[K]> };
