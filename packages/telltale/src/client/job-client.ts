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

/** How a watcher stands with the server. `closed` is said once, at the end. */
export type ConnectionState = "connecting" | "live" | "reconnecting" | "closed";

/** How to watch over a network. */
export interface WatchOptions extends CoreWatchOptions {
  /** Hears every change of the connection of this watcher. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

/** A hold on one job over a network. */
export interface JobHandle<J extends AnyJob> extends CoreJobHandle<J> {
  /**
   * What the server answered when this job was submitted: of one that was there already under its key, how it stood. Not how
   * it stands now. Undefined on a handle of a job met by its id.
   */
  readonly statusAtSubmit: JobStatus | undefined;
  /**
   * Every transition once and in order, the latest progress in between. Goes on by itself after lost connections, for as
   * long as it is read; ends with the round, and rejects for what no retry can mend (`not_found`, `unauthorized` …).
   */
  watch(options?: WatchOptions): JobFeed<JobEvent<J>>;
  /** The streamed output so far and to come, in order and complete; ends with the round. */
  chunks(options?: WatchOptions): JobFeed<JobChunk<J>>;
}

/** Submits jobs of one kind over a network and finds them again. */
export interface JobClient<J extends AnyJob> {
  /**
   * Submits one job, once: a lost answer is asked for again under the same idempotency key, at most 5 times in 20 s. Then
   * it rejects, with `outcome_unknown` and the key in `data` where the job may exist.
   */
  submit(input: InputOf<J>, options?: SubmitOptions): Promise<JobHandle<J>>;
  /**
   * Submits any number of jobs in calls of at most 50, a few of them at a time, and answers item by item, in order. What
   * can be told here is checked before anything is sent: an item whose options are not usable, or whose input cannot be
   * encoded or is over 256 KB, rejects the call with its code and its `index` in `data`. Whether an input fits its contract
   * only the server knows: an item that does not fit is answered `invalid_input` for itself, and its neighbours go. Each
   * item keeps its idempotency key over all tries, as `submit` does. Once one call got no answer, or one that holds for all,
   * the rest is not sent and answers why.
   */
  submitMany(items: readonly SubmitItem<J>[]): Promise<SubmitOutcome<JobHandle<J>>[]>;
  /** A hold on a job met by its id. Nothing is asked until it is used. */
  job(id: string, options?: Readonly<{ token?: string | undefined }>): JobHandle<J>;
  /**
   * One's own jobs of this kind, or everybody's for an operator, newest first: to be iterated page by page, or one
   * `page()` at a time.
   */
  list(options?: ListOptions): JobPages<J["kind"]>;
}

/** A `JobClient` for every contract, by kind. */
export type JobClients<T extends Jobs> = { readonly [K in keyof T]: JobClient<T[K]> };
