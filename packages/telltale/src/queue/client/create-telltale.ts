import type {
  AnyJob,
  InputOf,
  JobClient,
  JobHandle,
  JobPage,
  Jobs,
  ListOptions,
  PreparedJob,
  QueueStats,
  SubmitItem,
  SubmitOptions,
  SubmitOutcome,
} from "../../core/index.js";
import { invalidInput, jobPages } from "../../core/internal.js";
import { ListInput } from "../../core/schemas.js";
import { Engine, type EngineOptions } from "../engine.js";
import type { Schedules } from "../schedules/schedule.js";
import { schedulesOf } from "../schedules/schedules-of.js";
import { requestOf } from "../submit/submit-request.js";
import { EngineJobHandle } from "./job-handle.js";
import { fromPrepared, prepareForLater } from "./prepared.js";
import { submitMany } from "./submit-many.js";

/** What server code may say about a job besides what anyone may. */
export interface ServerSubmitOptions extends SubmitOptions {
  /** The subject the job belongs to, who may watch and cancel it. @default nobody but operators */
  readonly owner?: string;
}

/** Submits jobs of one kind in the process that owns the queue, and finds them again. */
export interface ServerJobClient<J extends AnyJob> extends JobClient<J, ServerSubmitOptions> {
  /**
   * Submits any number of jobs, pipelined. All are validated first: one that is refused rejects the call with its code
   * (`invalid_input`, `too_large`) and its `index` in `data`, and nothing is written. Then it answers item by item, in
   * order; each may still meet a conflict or a Redis that is full. One that is away ends the rest with
   * `redis_unavailable`, unsent. A command that is sent again makes nothing twice; where all its answers are lost an item
   * is `outcome_unknown`, with the `id` its job has if it was made in `data`. To repeat such items safely give each an
   * `idempotencyKey`.
   */
  submitMany(items: readonly SubmitItem<J, ServerSubmitOptions>[]): Promise<SubmitOutcome<JobHandle<J>>[]>;
  /**
   * A job to be submitted later, for an outbox: plain JSON to keep in your own database, written in the same transaction as
   * what the job is for, and given to `submitPrepared` once that is committed. Validated as `submit` does. Asks nothing of
   * Redis, so it works while Redis is away; a `delay` counts from this call, by the clock of this process.
   */
  prepare(input: InputOf<J>, options?: ServerSubmitOptions): Promise<PreparedJob>;
}

/** The queues of an application's jobs, all of them. */
export interface Queues {
  /** How each is doing now. */
  list(): Promise<QueueStats[]>;
  /** How they are doing, first at once and then after each change, at most once a second. Ends with the signal. */
  watch(options?: Readonly<{ signal?: AbortSignal | undefined }>): AsyncGenerator<QueueStats[], void, undefined>;
  /** Hands out nothing more of a queue until `resume`; what runs goes on. */
  pause(queue: string): Promise<void>;
  /** Hands out the queue's waiting jobs again. */
  resume(queue: string): Promise<void>;
}

/** An application's jobs in one process: a client for every contract, and the engine that the other packages use. */
export type Telltale<T extends Jobs> = { readonly [K in keyof T]: ServerJobClient<T[K]> } & {
  readonly $jobs: T;
  readonly $engine: Engine;
  /** Jobs that are made again and again; see docs/schedules.md. */
  readonly $schedules: Schedules<T>;
  /**
   * Submits what `prepare` answered, whoever kept it and however often: again it answers the same job, also when that has
   * finished, and until an hour after the longest retention of its queue when it was pruned. What is given is parsed anew,
   * because it comes from a database: rejects with `invalid_input` or `unknown_kind` for what can never be submitted, with
   * `idempotency_conflict` or `unique_conflict` as `submit` does.
   */
  submitPrepared(prepared: unknown): Promise<JobHandle<T[keyof T & string]>>;
  readonly $queues: Queues;
  /**
   * Resolves once Redis can be trusted with jobs. Rejects with `redis_unavailable` after `withinMs`, or
   * `unsupported_redis`. @default 2000
   */
  $ready(withinMs?: number): Promise<void>;
  /** Ends watches and closes the connections. Safe to call twice. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Connects an application's contracts to Redis. One a process; it connects by itself, also after a loss. */
export function createTelltale<T extends Jobs>(options: EngineOptions & { readonly jobs: T }): Telltale<T> {
  const engine = new Engine(options);
  const clients = Object.fromEntries(Object.values(options.jobs).map((job) => [job.kind, clientOf(engine, job)]));
  // One client for every contract in T, built from T itself.
  return Object.assign(Object.create(null), clients, {
    $jobs: options.jobs,
    $engine: engine,
    async submitPrepared(prepared: unknown) {
      const stored = await fromPrepared(engine, prepared);
      return new EngineJobHandle(engine, { id: (await engine.store(stored)).id, kind: stored.kind });
    },
    $schedules: schedulesOf(engine),
    $queues: queuesOf(engine),
    $ready: (withinMs?: number) => engine.ready(withinMs),
    [Symbol.asyncDispose]: async () => engine.close(),
  }) as Telltale<T>;
}

function queuesOf(engine: Engine): Queues {
  return {
    list: () => engine.find.stats(),
    async *watch({ signal } = {}) {
      for await (const { stats } of engine.statsWatch.watch(engine.queues, { signal })) yield stats;
    },
    pause: (queue) => engine.pause(queue),
    resume: (queue) => engine.resume(queue),
  };
}

function clientOf<J extends AnyJob>(engine: Engine, { kind }: J): ServerJobClient<J> {
  const job = (id: string): JobHandle<J> => new EngineJobHandle<J>(engine, { id, kind });
  return {
    job,
    list(options: ListOptions = {}) {
      return jobPages(options.cursor, async (cursor) => {
        const query = ListInput.safeParse({ ...options, kind, cursor });
        if (!query.success) throw invalidInput("The list is not usable as asked for", query.error);
        // Of this kind, as asked.
        return (await engine.find.list(query.data, { detail: true })) as JobPage<J["kind"]>;
      });
    },
    async submit(input: InputOf<J>, options?: ServerSubmitOptions): Promise<JobHandle<J>> {
      return job((await engine.submit(requestOf(kind, input, options))).id);
    },
    prepare: async (input, options) => prepareForLater(engine, requestOf(kind, input, options)),
    async submitMany(items: readonly SubmitItem<J, ServerSubmitOptions>[]): Promise<SubmitOutcome<JobHandle<J>>[]> {
      const outcomes = await submitMany(engine, items, ({ input, options }) => requestOf(kind, input, options));
      return outcomes.map((outcome) => (outcome.ok ? { ok: true, job: job(outcome.job.id) } : outcome));
    },
  };
}
