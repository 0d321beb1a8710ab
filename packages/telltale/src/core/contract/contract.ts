import type { z } from "zod";
import type { Backoff } from "./backoff.js";
import type { Queue, RateLimit } from "./define-queue.js";

/**
 * Any zod 4 schema. The two methods only have to exist: comparing their types, or all of `z.ZodType`, would cost an
 * application's compiler 2,000 type instantiations for each contract.
 */
export interface Schema {
  readonly _zod: { readonly input: unknown; readonly output: unknown };
  readonly parse: unknown;
  readonly safeParseAsync: unknown;
}

/** The type of a schema that a contract does not declare. It has no values. */
export interface NoSchema extends Schema {
  readonly _zod: { readonly input: never; readonly output: never };
}

/** How long finished jobs are kept, by age and by count: the stricter bound applies. Jobs are kept for at least 60 s. */
export interface Retention {
  readonly ageMs: number;
  readonly count: number;
}

/**
 * Converts an input from one version of a contract to the next. You write the type of the old input yourself, for example
 * `(old: { width: number }) => …`, because the old schema is no longer part of the contract.
 */
export type Upgrade = (old: never) => unknown;

/** Computes the key of a limit from the job's parsed input. Called once, in the process that submits the job. */
export type KeyOf<I extends Schema> = (input: z.output<I>) => string;

/** The validated limits per key. */
export interface KeyLimits<I extends Schema> {
  readonly concurrency: { readonly key: KeyOf<I>; readonly max: number } | null;
  readonly rate: ({ readonly key: KeyOf<I> } & RateLimit) | null;
}

/** A contract: everything about one kind of job that its submitters, workers and watchers must agree on. Made by `defineJob`. */
export interface Job<
  K extends string = string,
  I extends Schema = Schema,
  P extends Schema = Schema,
  C extends Schema = Schema,
  O extends Schema = Schema,
  E extends Record<string, Schema> = Record<string, Schema>,
> {
  readonly kind: K;
  readonly input: I;
  readonly progress: P | undefined;
  readonly chunk: C | undefined;
  readonly output: O;
  /** The error codes that its handler may fail with, each with the schema of its data. */
  readonly errors: E;
  /** The name of the queue its jobs wait in. */
  readonly queue: string;
  /** The queue with its limits, if the contract was given one made by `defineQueue`. */
  readonly definedQueue: Queue | null;
  readonly limits: KeyLimits<I>;
  /** The version of `input`. Each job stores it: workers upgrade older inputs, and leave newer ones to newer workers. */
  readonly version: number;
  /** Upgrades of inputs, keyed by the version that each one starts from. */
  readonly upgrade: Readonly<Record<number, Upgrade>>;
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly timeoutMs: number;
  readonly retention: { readonly completed: Retention; readonly failed: Retention };
}

/** Any contract. The parameters are `any` because functions of an input cannot be assigned to functions of `unknown`. */
// biome-ignore lint/suspicious/noExplicitAny: no other type accepts every contract; nothing inferred from it is any.
export type AnyJob = Job<string, any, any, any, any, any>;

/** The contracts of an application by kind. Made by `defineJobs`. */
export type Jobs = Readonly<Record<string, AnyJob>>;

/** The input as callers submit it, before the schema's defaults and transforms. */
export type InputOf<J extends AnyJob> = z.input<J["input"]>;
/** The input as handlers receive it, after the schema's defaults and transforms. */
export type ParsedInputOf<J extends AnyJob> = z.output<J["input"]>;
/** The progress value of a contract, or `never` if it declares none. */
export type ProgressOf<J extends AnyJob> = z.output<NonNullable<J["progress"]>>;
/** One piece of streamed output, or `never` if the contract declares no chunks. */
export type ChunkOf<J extends AnyJob> = z.output<NonNullable<J["chunk"]>>;
/** The output of a completed job. */
export type OutputOf<J extends AnyJob> = z.output<J["output"]>;
/** The errors that a contract declares: a schema of the data for each code. */
export type ErrorsOf<J extends AnyJob> = J["errors"];
