import { randomBytes } from "node:crypto";
import { type AnyJob, type Handler, type Logger, TelltaleError } from "../core/index.js";
import {
  assertKnownOptions,
  assertSameVersion,
  loggerOf,
  type Observe,
  observeFor,
  queuesOfKind,
} from "../core/internal.js";
import { assertThreadOptions, type Engine } from "../queue/internal.js";
import type { Middleware } from "./attempt/middleware.js";
import type { HungLimits } from "./leases/lease-protocol.js";
import type { WorkerOptions } from "./options.js";
import { workerName } from "./presence/worker-name.js";

/** A worker's options after validation, with defaults filled in. */
export interface Settings {
  readonly engine: Engine;
  readonly handlers: ReadonlyMap<string, Handler>;
  /** Queues whose kinds all have a handler. */
  readonly queues: readonly string[];
  readonly concurrency: number;
  readonly use: readonly Middleware[];
  readonly leaseMs: number;
  readonly graceMs: number;
  readonly logger: Logger;
  readonly observe: Observe | undefined;
  /** The random id of this worker. */
  readonly worker: string;
  readonly workerName: string;
  readonly progressMs: number;
  readonly pollMs: number;
  readonly hung: HungLimits;
}

/** Validates options. Throws `invalid_config`, and `unknown_kind` for a handler without a contract. */
export function settingsOf(options: WorkerOptions): Settings {
  assertKnownOptions("createWorker", options, {
    ...{ telltale: true, handlers: true, concurrency: true, use: true, leaseMs: true, graceMs: true, progressMs: true },
    ...{ name: true, pollMs: true, hung: true, logger: true, observer: true },
  });
  const engine = options.telltale.$engine;
  assertSameVersion("The `telltale` of this worker", engine);
  assertThreadOptions(engine.connection);
  const logger = options.logger === undefined ? engine.logger : loggerOf(options.logger);
  const handlers = handlersByKind(engine, options.handlers);
  return {
    engine,
    handlers,
    queues: claimableQueues({ engine, handlers, logger }),
    concurrency: whole("concurrency", options.concurrency ?? 10, [1, 1_000]),
    use: options.use ?? [],
    leaseMs: whole("leaseMs", options.leaseMs ?? 30_000, [300, 3_600_000]),
    graceMs: whole("graceMs", options.graceMs ?? 10_000, [0, 3_600_000]),
    logger,
    observe: options.observer === undefined ? engine.observe : observeFor(options.observer, logger),
    worker: randomBytes(6).toString("hex"),
    workerName: workerName(options.name),
    progressMs: whole("progressMs", options.progressMs ?? 100, [0, 60_000]),
    pollMs: whole("pollMs", options.pollMs ?? 1_000, [10, 4_000]),
    hung: options.hung ?? { pastTimeoutMs: 10_000, silentMs: 10_000 },
  };
}

function handlersByKind(engine: Engine, handlers: readonly Handler[]): ReadonlyMap<string, Handler> {
  for (const [i, handler] of handlers.entries()) {
    if (!isHandler(handler))
      throw new TelltaleError("invalid_config", `handlers[${i}] is not a handler. Make it with handle(contract, fn)`);
    assertSameVersion(`The handler of ${handler.kind}`, handler);
  }
  const byKind = new Map(handlers.map((handler) => [engine.contract(handler.kind).kind, handler]));
  if (byKind.size < handlers.length) throw new TelltaleError("invalid_config", "Two handlers have the same kind");
  return byKind;
}

// JavaScript callers may pass a function or a contract.
function isHandler(value: unknown): value is Handler {
  return typeof value === "object" && value !== null && "run" in value && typeof value.run === "function";
}

// A claim cannot select kinds. A worker that claims jobs it cannot run would release and claim them again and again.
function claimableQueues({ engine, handlers, logger }: Pick<Settings, "engine" | "handlers" | "logger">): string[] {
  const jobs = Object.values(engine.jobs);
  const unhandled = jobs.filter(({ kind }) => !handlers.has(kind));
  const current = new Set(jobs.map(({ queue }) => queue));
  const isHandled = ({ kind }: AnyJob): boolean => handlers.has(kind);
  const queues = engine.queues.filter((queue) => {
    if (current.has(queue)) return !unhandled.some((job) => job.queue === queue);
    // Nothing is submitted to it any more, so it is emptied by all workers that can run some of its kinds.
    return jobs.some((job) => isHandled(job) && queuesOfKind(job).includes(queue));
  });
  if (queues.length === 0) {
    const missing = unhandled.map(({ kind }) => kind).join(", ");
    throw new TelltaleError("invalid_config", `No handlers for a complete queue. Missing: ${missing}. Register them.`);
  }
  const isShared = (queue: string): boolean => jobs.some((job) => isHandled(job) && queuesOfKind(job).includes(queue));
  for (const queue of engine.queues.filter((name) => !queues.includes(name) && isShared(name))) {
    const missing = unhandled.filter((job) => job.queue === queue).map(({ kind }) => kind);
    logger.warn(
      { queue, missing },
      "queue is not worked on: some of its kinds have no handler here; register them or give them a queue of their own",
    );
  }
  const elsewhere = unhandled.filter(({ queue }) => !isShared(queue)).map(({ kind }) => kind);
  if (elsewhere.length > 0)
    logger.warn(
      { missing: elsewhere },
      "kinds without a handler: this worker does not run their jobs; register them, or run them in another worker",
    );
  return queues;
}

function whole(name: string, value: number, [least, most]: readonly [number, number]): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new TelltaleError("invalid_config", `${name} must be a whole number from ${least} to ${most}, not ${value}`);
}
