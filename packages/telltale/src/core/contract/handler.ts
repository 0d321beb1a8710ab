import type { z } from "zod";
import { shareAcrossCopies } from "../errors/across-copies.js";
import type { JobHandle } from "../job/job-handle.js";
import type { SubmitOptions } from "../job/submit-options.js";
import { assertSameVersion, MADE_HERE } from "../made-by.js";
import type { AnyJob, ChunkOf, ErrorsOf, InputOf, Job, ParsedInputOf, ProgressOf, Schema } from "./contract.js";
import type { Duration } from "./duration.js";

/** What a handler is given for one attempt. */
export interface HandlerContext<J extends AnyJob> {
  readonly input: ParsedInputOf<J>;
  /** Reports how far the attempt is. Latest wins: reports closer than 100 ms are merged. */
  progress(progress: ProgressOf<J>): void;
  /** Streams a piece of output. Complete and in order, up to 1 MB a job. */
  chunk(chunk: ChunkOf<J>): void;
  /** Aborts on cancel, timeout, a lost lease and shutdown; its reason is an `AttemptAborted`. */
  readonly signal: AbortSignal;
  /** 1 for the first execution of a round. */
  readonly attempt: number;
  /** Rises with every lease of the job: hand it to systems that can refuse a smaller one. */
  readonly fence: number;
  /** An error with a code the contract declares; thrown, it ends the job as `failed` without a retry. */
  fail<C extends keyof ErrorsOf<J> & string>(code: C, data: z.input<ErrorsOf<J>[C]>): Error;
  /** An error that, thrown, retries after this delay instead of the contract's backoff. */
  retryAfter(delay: Duration): Error;
  /**
   * Submits a child, a job of the same owner: one for each call of a round, counted in the order the calls are made. An
   * attempt that is tried again finds the children of the one before; where the same call now has another input, it is
   * refused with `idempotency_conflict`. So call in the same order every time, or give an `idempotencyKey`. A rerun is
   * another round and makes new ones. Rejects with `invalid_input` where the job descends from 16 others already.
   *
   * A handler that waits for its child holds its slot meanwhile: once such handlers hold all slots of the workers that
   * would run the children, they wait until they time out. Give children that are waited for workers of their own.
   */
  submit<C extends AnyJob>(job: C, input: InputOf<C>, options?: SubmitOptions): Promise<JobHandle<C>>;
  /** The same for a contract that cannot be imported here: its kind by name, and an input that only run time can check. */
  submit(kind: string, input: unknown, options?: SubmitOptions): Promise<JobHandle<AnyJob>>;
  readonly job: { readonly id: string; readonly owner: string | null; readonly tags: readonly string[] };
}

/** Why an attempt's signal was aborted. */
export type AbortCause = "cancelled" | "timeout" | "lease_lost" | "shutdown";

/** The reason on an aborted attempt's signal. */
export class AttemptAborted extends Error {
  override readonly name = "AttemptAborted";
  override readonly cause: AbortCause;

  constructor(cause: AbortCause) {
    super(`The attempt was aborted: ${cause}`);
    this.cause = cause;
  }
}

// A handler may be bundled with another copy of this package than its worker.
shareAcrossCopies("AttemptAborted", AttemptAborted);

/** A handler bound to its contract. Made by `handle`. */
export interface Handler<K extends string = string> {
  readonly kind: K;
  // biome-ignore lint/suspicious/noExplicitAny: the context is checked where `handle` is called; the worker builds it from the contract of the same kind.
  readonly run: (ctx: any) => Promise<unknown>;
}

/** A contract as `defineJob` makes it: it also carries its handler's type to `handle`. */
export interface DefinedJob<
  K extends string,
  I extends Schema,
  P extends Schema,
  C extends Schema,
  O extends Schema,
  E extends Record<string, Schema>,
> extends Job<K, I, P, C, O, E> {
  /** Never there: with it, literals in what the handler returns keep their types. */
  readonly $handler?: (ctx: HandlerContext<Job<K, I, P, C, O, E>>) => Promise<z.input<O>>;
}

/** Binds a function to a contract. Literals it returns keep their types because the contract carries the function's. */
export function handle<F extends Handler["run"], K extends string>(
  job: { readonly kind: K; readonly $handler?: F },
  run: NoInfer<F>,
): Handler<K> {
  assertSameVersion(`The contract ${JSON.stringify(job.kind)}`, job);
  return { kind: job.kind, run, ...MADE_HERE };
}
