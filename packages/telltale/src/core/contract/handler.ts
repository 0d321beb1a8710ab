import type { z } from "zod";
import { shareAcrossCopies } from "../errors/across-copies.js";
import type { JobHandle } from "../job/job-handle.js";
import type { JobLog } from "../job/job-log.js";
import type { SubmitOptions } from "../job/submit-options.js";
import { assertSameVersion, MADE_HERE } from "../made-by.js";
import type { AnyJob, ChunkOf, ErrorsOf, InputOf, Job, ParsedInputOf, ProgressOf, Schema } from "./contract.js";
import type { Duration } from "./duration.js";

/** The argument of a handler: the job's input, and the functions that the handler can use during this attempt. */
export interface HandlerContext<J extends AnyJob> {
  /** The input, parsed by the contract's schema. */
  readonly input: ParsedInputOf<J>;
  /**
   * Reports progress. Watchers get the latest value; reports less than 100 ms apart are merged. A report that does not fit the
   * contract is dropped and logged.
   */
  progress(progress: ProgressOf<J>): void;
  /** Streams a piece of output. Watchers get all pieces in order, up to 1 MB per job; further pieces are dropped. */
  chunk(chunk: ChunkOf<J>): void;
  /** Writes to the log of this job: `log.info("charging", { order })`. See `JobLog`. */
  readonly log: JobLog;
  /** Aborts on cancel, timeout, a lost lease and shutdown. Its reason is an `AttemptAborted`. */
  readonly signal: AbortSignal;
  /** The number of this attempt in its round, from 1. A rerun starts a new round. */
  readonly attempt: number;
  /**
   * The fencing token: a number that increases each time the job is leased. Pass it to systems that can refuse a number smaller
   * than one they have seen, so that an attempt that lost its lease cannot overwrite the work of its successor.
   */
  readonly fence: number;
  /** Creates an error with a code that the contract declares. Throw it to end the job as `failed`, without a retry. */
  fail<C extends keyof ErrorsOf<J> & string>(code: C, data: z.input<ErrorsOf<J>[C]>): Error;
  /** Creates an error. Throw it to retry after this delay instead of the contract's backoff. */
  retryAfter(delay: Duration): Error;
  /**
   * Submits a child job, which belongs to the same owner. A retried attempt finds the children that earlier attempts of the
   * round submitted: the first call returns the first child, and so on. Make the calls in the same order each time, or give each
   * an `idempotencyKey`; a call with another input than before rejects with `idempotency_conflict`. A rerun submits new
   * children. Rejects with `invalid_input` if the job already has 16 ancestors.
   *
   * A handler that waits for its child keeps its slot. If such handlers occupy all slots of the workers that would run the
   * children, they wait until they time out. Run such children on separate workers.
   */
  submit<C extends AnyJob>(job: C, input: InputOf<C>, options?: SubmitOptions): Promise<JobHandle<C>>;
  /** Submits a child job by the name of its kind, if you cannot import its contract. The input is checked at run time. */
  submit(kind: string, input: unknown, options?: SubmitOptions): Promise<JobHandle<AnyJob>>;
  /** The job. `owner` is the subject that it belongs to, or null for jobs of the server. */
  readonly job: { readonly id: string; readonly owner: string | null; readonly tags: readonly string[] };
}

/** Why an attempt's signal was aborted. */
export type AbortCause = "cancelled" | "timeout" | "lease_lost" | "shutdown";

/** The `reason` of a handler's aborted signal. Its `cause` says why the attempt was aborted. */
export class AttemptAborted extends Error {
  override readonly name = "AttemptAborted";
  override readonly cause: AbortCause;

  constructor(cause: AbortCause) {
    super(`The attempt was aborted: ${cause}`);
    this.cause = cause;
  }
}

// A handler and its worker may be bundled with different copies of this package.
shareAcrossCopies("AttemptAborted", AttemptAborted);

/** A handler with the kind of its contract. Create it with `handle`. */
export interface Handler<K extends string = string> {
  readonly kind: K;
  // biome-ignore lint/suspicious/noExplicitAny: the context is checked where `handle` is called; the worker builds it from the contract of the same kind.
  readonly run: (ctx: any) => Promise<unknown>;
}

/** A contract as `defineJob` returns it, with the type of its handler. */
export interface DefinedJob<
  K extends string,
  I extends Schema,
  P extends Schema,
  C extends Schema,
  O extends Schema,
  E extends Record<string, Schema>,
> extends Job<K, I, P, C, O, E> {
  /** Exists only as a type, so that literals in a handler's return value keep their types. */
  readonly $handler?: (ctx: HandlerContext<Job<K, I, P, C, O, E>>) => Promise<z.input<O>>;
}

/**
 * Defines the handler of a contract. The function's argument and return value have the types of the contract. Register it with
 * `createWorker`.
 */
export function handle<F extends Handler["run"], K extends string>(
  job: { readonly kind: K; readonly $handler?: F },
  run: NoInfer<F>,
): Handler<K> {
  assertSameVersion(`The contract ${JSON.stringify(job.kind)}`, job);
  return { kind: job.kind, run, ...MADE_HERE };
}
