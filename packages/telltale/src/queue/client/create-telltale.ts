import type {
  AnyJob,
  Bulk,
  FailureGroup,
  InputOf,
  JobClient,
  JobPage,
  Jobs,
  ListOptions,
  PreparedJob,
  SubmitItem,
  SubmitOptions,
  SubmitOutcome,
} from "../../core/index.js";
import { invalidInput, jobPages } from "../../core/internal.js";
import { ListInput } from "../../core/schemas.js";
import { bulkOf } from "../bulk/bulk.js";
import { Engine, type EngineOptions } from "../engine.js";
import type { Schedules } from "../schedules/schedule.js";
import { schedulesOf } from "../schedules/schedules-of.js";
import { requestOf } from "../submit/submit-request.js";
import { EngineJobHandle, type ServerJobHandle } from "./job-handle.js";
import { fromPrepared, prepareForLater } from "./prepared.js";
import { type Queues, queuesOf } from "./queues.js";
import { submitMany } from "./submit-many.js";
import { type Workers, workersOf } from "./workers.js";

/** The options of a submit by server code. */
export interface ServerSubmitOptions extends SubmitOptions {
  /** The subject that owns the job and may watch and cancel it. @default none: only operators may */
  readonly owner?: string;
}

/** Submits, finds and lists the jobs of one kind, directly in Redis. */
export interface ServerJobClient<J extends AnyJob> extends JobClient<J, ServerSubmitOptions> {
  /**
   * Submits any number of jobs with pipelining, and returns one outcome for each, in order. All items are validated first. If one is
   * invalid, the call rejects with its code (`invalid_input`, `too_large`) and its `index` in `data`, and nothing is written.
   *
   * After that, each item can still fail with a conflict, `queue_full` or `redis_full`. If Redis cannot be reached, the remaining
   * items are not sent and get `redis_unavailable`. Commands that are sent again do not create a job twice. If all replies for an
   * item are lost, its outcome is `outcome_unknown`, and `data` contains the `id` that its job has if it was created. Give items an
   * `idempotencyKey` so that you can submit them again safely.
   */
  submitMany(items: readonly SubmitItem<J, ServerSubmitOptions>[]): Promise<SubmitOutcome<ServerJobHandle<J>>[]>;
  submit(input: InputOf<J>, options?: ServerSubmitOptions): Promise<ServerJobHandle<J>>;
  job(id: string): ServerJobHandle<J>;
  /**
   * Validates a job that you submit later, for a transactional outbox. Returns plain JSON. Store it in your own database, in the
   * same transaction as the data that the job is about, and pass it to `submitPrepared` after the commit. This makes no call to
   * Redis, so it works while Redis is down. A `delay` counts from this call, by the clock of this process. Rejects with
   * `invalid_input` or `too_large`.
   */
  prepare(input: InputOf<J>, options?: ServerSubmitOptions): Promise<PreparedJob>;
}

/**
 * The object that `createTelltale` returns: a client for every contract under its kind, and what workers and routers need. Names that
 * begin with `$` cannot be kinds.
 */
export type Telltale<T extends Jobs> = { readonly [K in keyof T]: ServerJobClient<T[K]> } & {
  /** The contracts. */
  readonly $jobs: T;
  /** Operations on single jobs of any kind, such as `runNow`. Workers and routers use it too. */
  readonly $engine: Engine;
  /** Recurring jobs; see https://github.com/telltale-jobs/telltale/blob/main/docs/schedules.md. */
  readonly $schedules: Schedules<T>;
  /**
   * Submits a job that `prepare` returned. You can repeat the call: it returns the same job, even after the job has finished. If the
   * job was pruned, repeated calls create no second job until one hour after the longest retention of its queue. The argument is
   * validated again, because it comes from a database. Rejects with `invalid_input` or `unknown_kind` if it can never be submitted,
   * and otherwise like `submit`.
   */
  submitPrepared(prepared: unknown): Promise<ServerJobHandle<T[keyof T & string]>>;
  /** Actions on all jobs that match a filter; see https://github.com/telltale-jobs/telltale/blob/main/docs/bulk-actions.md. */
  readonly $bulk: Bulk;
  /**
   * Groups the failed jobs that are still kept by kind and error code, with when the first and the last one failed, the most recent
   * first. Reads up to the newest 20,000 for each code of a queue.
   */
  $failures(): Promise<FailureGroup[]>;
  /** Statistics of the queues, pausing and resuming. */
  readonly $queues: Queues;
  /** The workers, and asking them to stop claiming. */
  readonly $workers: Workers;
  /**
   * Resolves once Redis answers, its version and configuration are supported, and its user has the permissions that this process needs.
   * Rejects with `unsupported_redis`, or with `redis_unavailable` after `withinMs`. @default 2000
   */
  $ready(withinMs?: number): Promise<void>;
  /** Ends all watches and closes the connections to Redis. Safe to call twice. */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Connects an application's contracts to Redis. Create one per process, and dispose of it at the end. It connects in the background
 * and reconnects automatically; `$ready()` waits for the first connection.
 *
 * Throws `invalid_config` for an unknown or invalid option.
 */
export function createTelltale<T extends Jobs>(options: EngineOptions & { readonly jobs: T }): Telltale<T> {
  const engine = new Engine(options);
  const clients = Object.fromEntries(Object.values(options.jobs).map((job) => [job.kind, clientOf(engine, job)]));
  // TypeScript cannot infer from `fromEntries` that there is a client for every contract in T.
  return Object.assign(Object.create(null), clients, {
    $jobs: options.jobs,
    $engine: engine,
    async submitPrepared(prepared: unknown) {
      const stored = await fromPrepared(engine, prepared);
      return new EngineJobHandle(engine, { id: (await engine.store(stored)).id, kind: stored.kind });
    },
    $schedules: schedulesOf(engine),
    $bulk: bulkOf(engine),
    $failures: () => engine.find.failures(),
    $queues: queuesOf(engine),
    $workers: workersOf(engine),
    $ready: (withinMs?: number) => engine.ready(withinMs),
    [Symbol.asyncDispose]: async () => engine.close(),
  }) as Telltale<T>;
}

function clientOf<J extends AnyJob>(engine: Engine, { kind }: J): ServerJobClient<J> {
  const job = (id: string): ServerJobHandle<J> => new EngineJobHandle<J>(engine, { id, kind });
  return {
    job,
    list(options: ListOptions = {}) {
      return jobPages(options.cursor, async (cursor) => {
        const query = ListInput.safeParse({ ...options, kind, cursor });
        if (!query.success) throw invalidInput("The options of the list are invalid", query.error);
        // The query is limited to this kind, so all jobs have it.
        return (await engine.find.list(query.data, { detail: true })) as JobPage<J["kind"]>;
      });
    },
    async submit(input: InputOf<J>, options?: ServerSubmitOptions): Promise<ServerJobHandle<J>> {
      return job((await engine.submit(requestOf(kind, input, options))).id);
    },
    prepare: async (input, options) => prepareForLater(engine, requestOf(kind, input, options)),
    async submitMany(
      items: readonly SubmitItem<J, ServerSubmitOptions>[],
    ): Promise<SubmitOutcome<ServerJobHandle<J>>[]> {
      const outcomes = await submitMany(engine, items, ({ input, options }) => requestOf(kind, input, options));
      return outcomes.map((outcome) => (outcome.ok ? { ok: true, job: job(outcome.job.id) } : outcome));
    },
  };
}
