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

/** Stands for a schema that a contract does not declare: there is no value of its type. */
export interface NoSchema extends Schema {
  readonly _zod: { readonly input: never; readonly output: never };
}

/** How long finished jobs are kept: whichever bound is met first. Never under 60 s. */
export interface Retention {
  readonly ageMs: number;
  readonly count: number;
}

/**
 * Brings an input, as it was submitted under one version of a contract, to the version after it. What it takes is for its
 * writer to say (`(old: { width: number }) => …`): the schema that input fitted is no longer there to infer it from.
 */
export type Upgrade = (old: never) => unknown;

/** What a job counts against, from its parsed input. Called once, where the job is submitted. */
export type KeyOf<I extends Schema> = (input: z.output<I>) => string;

/** Checked limits per key. */
export interface KeyLimits<I extends Schema> {
  readonly concurrency: { readonly key: KeyOf<I>; readonly max: number } | null;
  readonly rate: ({ readonly key: KeyOf<I> } & RateLimit) | null;
}

/** A contract: everything about one kind of job that more than one process has to agree on. Made by `defineJob`. */
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
  /** The codes its handler may fail with, and the schema of each code's data. */
  readonly errors: E;
  /** The name of the queue its jobs wait in. */
  readonly queue: string;
  /** That queue with its limits, where this contract was given what `defineQueue` made. */
  readonly definedQueue: Queue | null;
  readonly limits: KeyLimits<I>;
  /** Of `input`. Stored with every job: a worker upgrades what is older and leaves what is newer to others. */
  readonly version: number;
  /** By the version each of them starts from. */
  readonly upgrade: Readonly<Record<number, Upgrade>>;
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly timeoutMs: number;
  readonly retention: { readonly completed: Retention; readonly failed: Retention };
}

/** Some contract. Its parameters are `any` because its limits take an input, and another contract's input is no `unknown`. */
// biome-ignore lint/suspicious/noExplicitAny: no other type accepts every contract; nothing inferred from it is any.
export type AnyJob = Job<string, any, any, any, any, any>;

/** The contracts of an application by kind. Made by `defineJobs`. */
export type Jobs = Readonly<Record<string, AnyJob>>;

/** What a caller submits. */
export type InputOf<J extends AnyJob> = z.input<J["input"]>;
/** What a handler receives: the input after defaults and transforms. */
export type ParsedInputOf<J extends AnyJob> = z.output<J["input"]>;
/** The latest report of a running handler; `never` for a contract without progress. */
export type ProgressOf<J extends AnyJob> = z.output<NonNullable<J["progress"]>>;
/** A piece of streamed output; `never` for a contract without chunks. */
export type ChunkOf<J extends AnyJob> = z.output<NonNullable<J["chunk"]>>;
/** What a completed job holds. */
export type OutputOf<J extends AnyJob> = z.output<J["output"]>;
/** The declared errors of a contract: code to schema of its data. */
export type ErrorsOf<J extends AnyJob> = J["errors"];
