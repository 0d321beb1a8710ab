import type { z } from "zod";
import type { LogReaders } from "../job/job-log.js";
import type { Backoff } from "./backoff.js";
import type { Queue, RateLimit } from "./define-queue.js";
import type { SensitivePath } from "./sensitive.js";

/**
 * Any zod 4 schema. The types of the methods are left out on purpose: comparing them, or all of `z.ZodType`, would cost an
 * application's compiler 2,000 type instantiations for each contract.
 */
export interface Schema {
  readonly _zod: { readonly input: unknown; readonly output: unknown };
  readonly parse: unknown;
  readonly safeParseAsync: unknown;
}

/** Takes the place of a schema that a contract does not declare. The type of its values is `never`. */
export interface NoSchema extends Schema {
  readonly _zod: { readonly input: never; readonly output: never };
}

/**
 * How long finished jobs are kept, by age and by count in the queue. The stricter limit applies, but jobs are kept for at least
 * 60 s.
 */
export interface Retention {
  readonly ageMs: number;
  readonly count: number;
}

/**
 * Converts an input from one version of a contract to the next. Declare the type of the old input yourself, for example
 * `(old: { width: number }) => …`, because the old schema is no longer part of the contract.
 */
export type Upgrade = (old: never) => unknown;

/** What the key of a limit can depend on besides the input. */
export interface KeyContext {
  /**
   * The subject that submits the job, or null for jobs of the server. Anonymous and transient subjects count by their address: for
   * them, this is a text that stands for the address.
   */
  readonly owner: string | null;
}

/**
 * Computes the key of a limit from the job's parsed input, and from its owner: `(_, { owner }) => owner ?? "server"` makes owners
 * take turns. Called once, in the process that submits the job.
 */
export type KeyOf<I extends Schema> = (input: z.output<I>, context: KeyContext) => string;

/** The validated limits per key of a contract. A limit that is not set is null. */
export interface KeyLimits<I extends Schema> {
  readonly concurrency: { readonly key: KeyOf<I>; readonly max: number } | null;
  readonly rate: ({ readonly key: KeyOf<I> } & RateLimit) | null;
}

/** A contract: what the submitters, workers and watchers of one kind of job agree on. Create it with `defineJob`. */
export interface Job<
  K extends string = string,
  I extends Schema = Schema,
  P extends Schema = Schema,
  C extends Schema = Schema,
  O extends Schema = Schema,
  E extends Record<string, Schema> = Record<string, Schema>,
> {
  /** The name of the kind, unique in an application. */
  readonly kind: K;
  /** The schema of the input. */
  readonly input: I;
  /** The schema of progress reports, if there are any. */
  readonly progress: P | undefined;
  /** The schema of one piece of streamed output, if there is any. */
  readonly chunk: C | undefined;
  /** The schema of the handler's return value. */
  readonly output: O;
  /** The error codes that the handler may fail with, each with the schema of its data. */
  readonly errors: E;
  /** The name of the queue its jobs wait in. */
  readonly queue: string;
  /** The queue with its limits, if the contract was given one made by `defineQueue`. */
  readonly definedQueue: Queue | null;
  /** The queues in which jobs of this kind may still be. Those given by name only have no limits. */
  readonly formerQueues: readonly Queue[];
  /** The limits per key. */
  readonly limits: KeyLimits<I>;
  /** The version of `input`, which each job stores. Workers upgrade older inputs, and give newer jobs back to the queue. */
  readonly version: number;
  /** Upgrades of inputs, keyed by the version that each one starts from. */
  readonly upgrade: Readonly<Record<number, Upgrade>>;
  /** The most attempts per round, the first one included. */
  readonly attempts: number;
  /** The delay between attempts. */
  readonly backoff: Backoff;
  /** The longest time that one attempt may take. */
  readonly timeoutMs: number;
  /** Who may read the logs of its jobs through a jobs router. */
  readonly logs: LogReaders;
  /** Where the input, output, progress, chunks and data of errors hold sensitive values. */
  readonly sensitive: readonly SensitivePath[];
  /** How long finished jobs are kept. Cancelled jobs are kept like failed ones. */
  readonly retention: { readonly completed: Retention; readonly failed: Retention };
}

/** Any contract. The parameters are `any` because functions of an input cannot be assigned to functions of `unknown`. */
// biome-ignore lint/suspicious/noExplicitAny: no other type accepts every contract; nothing inferred from it is any.
export type AnyJob = Job<string, any, any, any, any, any>;

/** The contracts of an application by kind. Create them with `defineJobs`. */
export type Jobs = Readonly<Record<string, AnyJob>>;

/** The input as callers submit it, before the schema's defaults and transforms. */
export type InputOf<J extends AnyJob> = z.input<J["input"]>;
/** The input as handlers receive it, after the schema's defaults and transforms. */
export type ParsedInputOf<J extends AnyJob> = z.output<J["input"]>;
/** The value of a progress report, or `never` if the contract declares no progress. */
export type ProgressOf<J extends AnyJob> = z.output<NonNullable<J["progress"]>>;
/** One piece of streamed output, or `never` if the contract declares no chunks. */
export type ChunkOf<J extends AnyJob> = z.output<NonNullable<J["chunk"]>>;
/** The output of a completed job. */
export type OutputOf<J extends AnyJob> = z.output<J["output"]>;
/** The errors that a contract declares: the schema of the data, by code. */
export type ErrorsOf<J extends AnyJob> = J["errors"];
