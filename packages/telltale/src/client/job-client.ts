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

/** The state of a watcher's connection. `closed` is reported once, at the end. */
export type ConnectionState = "connecting" | "live" | "reconnecting" | "closed";

/** The options of `watch` and `chunks` over a network. */
export interface WatchOptions extends CoreWatchOptions {
  /** Called with each change of this watcher's connection. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

/** A handle on one job over a network. */
export interface JobHandle<J extends AnyJob> extends CoreJobHandle<J> {
  /**
   * The job's status in the reply to the submit. If a job with the same key existed, that is its status then. It is not updated;
   * see `get`. Undefined on handles from `job(id)`.
   */
  readonly statusAtSubmit: JobStatus | undefined;
  /**
   * Iterates over the job's events: each transition once and in order, and the latest progress in between. Reconnects after lost
   * connections for as long as it is read. Ends with the round, and rejects with errors that a retry cannot fix, such as
   * `not_found` or `unauthorized`.
   */
  watch(options?: WatchOptions): JobFeed<JobEvent<J>>;
  /** Iterates over the streamed output from its start, complete and in order, and then over what follows. Ends with the round. */
  chunks(options?: WatchOptions): JobFeed<JobChunk<J>>;
}

/** Submits jobs of one kind over a network, and finds them again. */
export interface JobClient<J extends AnyJob> {
  /**
   * Submits one job exactly once: after a lost reply the call is repeated with the same idempotency key, up to 5 tries in 20 s.
   * Then it rejects. If the job may exist, the code is `outcome_unknown`, with the key in `data`.
   */
  submit(input: InputOf<J>, options?: SubmitOptions): Promise<JobHandle<J>>;
  /**
   * Submits any number of jobs in calls of at most 50, and returns one outcome for each, in order. All items are checked before
   * anything is sent: an item with invalid options, or with an input that cannot be encoded or is over 256 KB, rejects the call
   * with its code and with its `index` in `data`. The server checks inputs against the contract: an item that does not fit gets
   * the outcome `invalid_input`, and the others are submitted. Each item keeps its idempotency key over all tries, as in
   * `submit`. After a call without a reply, or with an error that affects all items, the rest is not sent and gets that error.
   */
  submitMany(items: readonly SubmitItem<J>[]): Promise<SubmitOutcome<JobHandle<J>>[]>;
  /** Returns a handle on the job with this id. It makes no call until you use it. */
  job(id: string, options?: Readonly<{ token?: string | undefined }>): JobHandle<J>;
  /**
   * Lists the caller's jobs of this kind, or all for an operator, newest first. Iterate over the pages, or call `page()` for one.
   */
  list(options?: ListOptions): JobPages<J["kind"]>;
}

/** A `JobClient` for every contract, by kind. */
export type JobClients<T extends Jobs> = { readonly [K in keyof T]: JobClient<T[K]> };
