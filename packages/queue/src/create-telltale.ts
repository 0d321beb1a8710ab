import {
  type AnyJob,
  durationMs,
  type InputOf,
  type JobClients,
  type JobHandle,
  type Jobs,
  type SubmitOptions,
} from "@telltale/core";
import { Engine, type EngineOptions } from "./engine.js";
import { EngineJobHandle } from "./job-handle.js";
import type { Schedules } from "./schedules/schedule.js";
import { schedulesOf } from "./schedules/schedules-of.js";

/** What server code may say about a job besides what anyone may. */
export interface ServerSubmitOptions extends SubmitOptions {
  /** The subject the job belongs to, who may watch and cancel it. @default nobody but operators */
  readonly owner?: string;
}

/** An application's jobs in one process: a client for every contract, and the engine that the other packages use. */
export type Telltale<T extends Jobs> = JobClients<T, ServerSubmitOptions> & {
  readonly $jobs: T;
  readonly $engine: Engine;
  /** Jobs that are made again and again; see docs/schedules.md. */
  readonly $schedules: Schedules<T>;
  /**
   * Resolves once Redis can be trusted with jobs. Rejects with `redis_unavailable` after `withinMs`, or
   * `unsupported_redis`. @default 2000
   */
  $ready(withinMs?: number): Promise<void>;
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
    $schedules: schedulesOf(engine),
    $ready: (withinMs?: number) => engine.ready(withinMs),
    [Symbol.asyncDispose]: async () => engine.close(),
  }) as Telltale<T>;
}

function clientOf<J extends AnyJob>(
  engine: Engine,
  { kind }: J,
): JobClients<Record<string, J>, ServerSubmitOptions>[string] {
  const job = (id: string): JobHandle<J> => new EngineJobHandle<J>(engine, { id, kind });
  return {
    job,
    async submit(input: InputOf<J>, { delay, ...options }: ServerSubmitOptions = {}): Promise<JobHandle<J>> {
      const delayMs = delay === undefined ? undefined : durationMs(delay);
      return job((await engine.submit({ kind, input, delayMs, ...options })).id);
    },
  };
}
