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

/** The options of a submit by server code. */
export interface ServerSubmitOptions extends SubmitOptions {
  /** The subject that the job belongs to, who may watch and cancel it. @default none: only operators may */
  readonly owner?: string;
}

/** Submits jobs of one kind in the server process, and finds them again. */
export interface ServerJobClient<J extends AnyJob> extends JobClient<J, ServerSubmitOptions> {
  /**
   * Submits any number of jobs with pipelining, and returns one outcome for each, in order. All are validated first: an invalid one
   * rejects the call with its code (`invalid_input`, `too_large`) and its `index` in `data`, and nothing is written. After that,
   * each item can still fail with a conflict or `redis_full`. If Redis cannot be reached, the remaining items are not sent and get
   * `redis_unavailable`. Commands that are sent again create nothing twice. If all replies for an item are lost, its outcome is
   * `outcome_unknown`, with the `id` that its job has if it exists in `data`. Give items an `idempotencyKey` to repeat them safely.
   */
  submitMany(items: readonly SubmitItem<J, ServerSubmitOptions>[]): Promise<SubmitOutcome<JobHandle<J>>[]>;
  /**
   * Validates a job to be submitted later, for a transactional outbox. Returns plain JSON: store it in your own database, in the
   * same transaction as the data that the job is about, and pass it to `submitPrepared` after the commit. It makes no call to
   * Redis, so it works while Redis is down. A `delay` counts from this call, by the clock of this process.
   */
  prepare(input: InputOf<J>, options?: ServerSubmitOptions): Promise<PreparedJob>;
}

/** Statistics and management of an application's queues. */
export interface Queues {
  /** Returns the current statistics of each queue. */
  list(): Promise<QueueStats[]>;
  /** Yields the statistics of all queues, first at once and then after each change, at most once a second. Ends with the signal. */
  watch(options?: Readonly<{ signal?: AbortSignal | undefined }>): AsyncGenerator<QueueStats[], void, undefined>;
  /** Pauses a queue: no job of it starts until `resume`. Running jobs continue. Rejects with `invalid_input`. */
  pause(queue: string): Promise<void>;
  /** Resumes a paused queue. Rejects with `invalid_input`. */
  resume(queue: string): Promise<void>;
}

/** An application's jobs in one process: a client for every contract, and the engine that workers and routers use. */
export type Telltale<T extends Jobs> = { readonly [K in keyof T]: ServerJobClient<T[K]> } & {
  readonly $jobs: T;
  readonly $engine: Engine;
  /** Recurring jobs; see docs/schedules.md. */
  readonly $schedules: Schedules<T>;
  /**
   * Submits a job that `prepare` returned. Call it as often as you like: later calls return the same job, also after it has finished,
   * and until one hour after the longest retention of its queue if it was pruned. The argument is validated again, because it comes
   * from a database. Rejects with `invalid_input` or `unknown_kind` if it can never be submitted, and with the errors of `submit`.
   */
  submitPrepared(prepared: unknown): Promise<JobHandle<T[keyof T & string]>>;
  readonly $queues: Queues;
  /**
   * Resolves once Redis answers and its version and configuration are supported. Rejects with `unsupported_redis`, or with
   * `redis_unavailable` after `withinMs`. @default 2000
   */
  $ready(withinMs?: number): Promise<void>;
  /** Ends watches and closes the connections. Safe to call twice. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Connects an application's contracts to Redis. Create one per process. It connects and reconnects by itself. */
export function createTelltale<T extends Jobs>(options: EngineOptions & { readonly jobs: T }): Telltale<T> {
  const engine = new Engine(options);
  const clients = Object.fromEntries(Object.values(options.jobs).map((job) => [job.kind, clientOf(engine, job)]));
  // Has one client for every contract in T, because it is built from T.
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
        // The query asked for this kind only.
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
