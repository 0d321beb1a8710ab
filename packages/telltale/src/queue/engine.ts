import { randomBytes } from "node:crypto";
import type { Redis } from "ioredis";
import {
  type AnyJob,
  type CancelOutcome,
  JOB_STATUSES,
  type JobChunk,
  type JobStatus,
  type Jobs,
  LIMITS,
  type Logger,
  newJobId,
  type Observer,
  TelltaleError,
} from "../core/index.js";
import {
  assertKnownOptions,
  assertSameVersion,
  loggerOf,
  MADE_HERE,
  type Observe,
  observeFor,
  sparingLogger,
} from "../core/internal.js";
import { endedElsewhere } from "./ended-elsewhere.js";
import { noJob, type OpenQueue, OpenQueues, told } from "./open-queues.js";
import { JobFinder } from "./read/job-finder.js";
import { chunkPosition, toChunk } from "./record/chunk-line.js";
import { encoded } from "./record/encoded.js";
import type { JobToStore } from "./record/job-to-store.js";
import { limitsOf } from "./record/queue-limits.js";
import { retentionOf } from "./record/queue-retention.js";
import { addressOf } from "./redis/address-of.js";
import {
  type ConnectionOptions,
  connectionOptions,
  lossesOf,
  openConnection,
  type RedisSource,
} from "./redis/connection.js";
import { ConnectionWatch } from "./redis/connection-watch.js";
import { Doorbell } from "./redis/doorbell.js";
import { checkPrefix, type QueueKeys, queueKeys, replicaMarkKey, secretKey } from "./redis/keys.js";
import { firstLine, toTelltaleError } from "./redis/redis-error.js";
import { ServerCheck } from "./redis/server-check.js";
import { whenReady } from "./redis/when-ready.js";
import { QueueScripts } from "./scripts/queue-scripts.js";
import { CONNECTION_WAIT_MS } from "./scripts/run-script.js";
import { limitKeysOf } from "./submit/limit-keys.js";
import { parseInput } from "./submit/parse-input.js";
import { type ReplicaRule, ReplicaWait, replicaRule } from "./submit/replica-wait.js";
import { SubmitAllowance } from "./submit/submit-allowance.js";
import { checkedOptions, type SubmitRequest } from "./submit/submit-request.js";
import { type Submitted, Submitter } from "./submit/submitter.js";
import { Hub, type HubWatchOptions } from "./watch/hub.js";
import type { JobUpdate } from "./watch/job-update.js";
import { StatsWatch } from "./watch/stats-watch.js";

/** What an engine is made of. */
export interface EngineOptions {
  readonly jobs: Jobs;
  readonly redis: RedisSource | undefined;
  /** Names below which all keys and channels stand. @default "telltale" */
  readonly prefix?: string;
  /** Where warnings and what happens is told; `false` for silence. @default warnings and errors to stderr */
  readonly logger?: Logger | false | undefined;
  /** Receives what happens as data; see docs/observer.md. Workers of this object tell it too, unless they have their own. */
  readonly observer?: Observer | readonly Observer[] | undefined;
  /** Tests move their own time, ms. Redis keeps it otherwise. */
  readonly clock?: () => number;
  /** How often the position of quiet watchers is looked up. @default 5000 */
  readonly positionCheckMs?: number;
  /** How often queues that are watched are asked how they are doing. @default 1000 */
  readonly statsEveryMs?: number;
  /**
   * Accepts a server that may evict jobs when it is full. Otherwise `$ready` and submits reject with `unsupported_redis`,
   * also where the policy changes later: it is looked at with each new connection and every 30 s. @default false
   */
  readonly allowEviction?: boolean;
  /**
   * How many replicas must have a job before its submit resolves. It then survives the loss of the primary if one of the
   * replicas that had it is promoted: name as many as may be promoted. A submit that too few acknowledged in time rejects
   * with `outcome_unknown` although the primary has the job: the same again under its idempotency key finds it. That much
   * is promised of submits alone (https://redis.io/docs/latest/commands/wait/): a failover may take back that a job was
   * completed, cancelled or run again, so that it runs once more, and having a job is not having it on a disk. It takes
   * a connection more, and a round trip to the replicas a submit. @default 0
   */
  readonly replicas?: number;
  /** How long replicas are waited for, 1 to 3000 ms. @default 1000 */
  readonly replicaWaitMs?: number;
}

/** A connection for submits alone, where they wait for replicas. */
interface ReplicatedSubmits {
  readonly redis: Redis;
  readonly losses: () => number;
  readonly wait: ReplicaWait;
}

/** What became of one of many jobs that were to run again. */
export type Rerun =
  | { readonly id: string; readonly status: "queued" }
  | { readonly id: string; readonly error: TelltaleError };

/** Everything the other packages ask of Redis, for the contracts of one application. Made by `createTelltale`. */
export class Engine {
  readonly jobs: Jobs;
  readonly logger: Logger;
  /** Jobs and queues as they stand. */
  readonly find: JobFinder;
  readonly observe: Observe | undefined;
  readonly hub: Hub;
  readonly allowance: SubmitAllowance;
  readonly statsWatch: StatsWatch;
  /** Plain data: a thread opens its own connection from it. */
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly clock: () => number | undefined;
  readonly #connections: ConnectionWatch;
  readonly #commands: Redis;
  readonly #losses: () => number;
  readonly #server: ServerCheck;
  readonly #replicated: ReplicatedSubmits | null;
  readonly #queues: OpenQueues;
  #opened: Promise<void> | null = null;
  #isOpen = true;

  constructor(options: EngineOptions) {
    assertKnownOptions("createTelltale", options, {
      ...{ jobs: true, redis: true, prefix: true, logger: true, observer: true, clock: true, positionCheckMs: true },
      ...{ statsEveryMs: true, allowEviction: true, replicas: true, replicaWaitMs: true },
    });
    this.jobs = options.jobs;
    Object.assign(this, MADE_HERE);
    for (const job of Object.values(this.jobs)) assertSameVersion(`The contract ${told(job.kind, 64)}`, job);
    this.logger = loggerOf(options.logger);
    this.observe = observeFor(options.observer, this.logger);
    this.prefix = checkPrefix(options.prefix ?? "telltale");
    this.clock = options.clock ?? (() => undefined);
    this.connection = connectionOptions(options.redis);
    const rule = replicaRule(options);
    this.#connections = new ConnectionWatch({ ...this.#telling, address: addressOf(this.connection) });
    this.#commands = openConnection(this.connection, "commands");
    this.#losses = lossesOf(this.#commands);
    this.#connections.watch(this.#commands, "commands");
    this.#server = new ServerCheck({
      redis: this.#commands,
      losses: this.#losses,
      allowEviction: options.allowEviction ?? false,
      logger: this.logger,
    });
    this.#replicated = rule && this.#openReplicated(rule);
    this.#queues = new OpenQueues(this.jobs, (queue) => this.#openQueue(queue));
    this.find = new JobFinder(this.#queues);
    this.allowance = new SubmitAllowance(this.#commands, this.prefix);
    // All watchers find the same fault at the same time.
    const logger = sparingLogger(this.logger);
    this.hub = new Hub({
      commands: this.#commands,
      connection: this.connection,
      read: (keys, id) => this.scripts(keys.queue).read(id),
      logger,
      observe: this.observe,
      connections: this.#connections,
      positionCheckMs: options.positionCheckMs,
    });
    this.statsWatch = new StatsWatch({
      read: (queue) => this.scripts(queue).stats(),
      logger,
      everyMs: options.statsEveryMs,
    });
  }

  /** The contract of a kind. Throws `unknown_kind`. */
  contract(kind: string): AnyJob {
    return this.#queues.contract(kind);
  }

  /** Queues some contract uses. */
  get queues(): string[] {
    return this.#queues.names;
  }

  scripts(queue: string): QueueScripts {
    return this.#queues.of(queue).scripts;
  }

  keys(queue: string): QueueKeys {
    return this.#queues.of(queue).keys;
  }

  /** A doorbell of its own connection; its owner closes it. */
  doorbell(queue: string): Doorbell {
    return new Doorbell(this.connection, this.keys(queue), this.#telling);
  }

  /**
   * Resolves once Redis answers, is a server we can trust jobs to, and every queue is laid out as we know it. Rejects
   * with `redis_unavailable` after `withinMs` (2 s) or `unsupported_redis`; asked again, it tries again.
   */
  ready(withinMs: number = CONNECTION_WAIT_MS): Promise<void> {
    this.#opened ??= this.#open(withinMs).catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  /** Until it was closed. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether there is a connection to Redis. What it answers is another question. */
  get isConnected(): boolean {
    return this.#commands.status === "ready";
  }

  /** Resolves when Redis answers now. Rejects with `redis_unavailable`. */
  async ping(): Promise<void> {
    await this.ready();
    await whenReady(this.#commands, CONNECTION_WAIT_MS);
    await this.#commands.ping().catch((error: unknown) => {
      throw new TelltaleError("redis_unavailable", undefined, { cause: new Error(firstLine(error)) });
    });
  }

  /** Validates at the edge and stores what the caller sent; the worker parses it for the handler. */
  async submit(request: SubmitRequest): Promise<Submitted> {
    return this.store(await this.prepare(request));
  }

  /**
   * Stores a prepared job. Idempotent by its id: the same again answers with the job that is there. Rejects with
   * `unsupported_redis` while the server may evict jobs.
   */
  async store(job: JobToStore): Promise<Submitted> {
    const { queue } = this.contract(job.kind);
    const { submitter } = this.#queues.of(queue);
    const check = this.#server.beforeSubmit();
    if (check) await check;
    const submitted = await submitter.submit(job);
    const { kind } = job;
    this.observe?.({ type: "job.submitted", kind, queue, id: submitted.id, ...outcomeOf(submitted) });
    return submitted;
  }

  /** The job a request asks for, validated and with an id, not yet stored. */
  async prepare(request: SubmitRequest): Promise<JobToStore> {
    const contract = this.contract(request.kind);
    const options = checkedOptions(request);
    // First: what can be encoded is plain, so that nothing the schema does with it can throw, hang or never end.
    const input = encoded("input", request.input, LIMITS.inputBytes);
    const parsed = await parseInput(contract.input, request.input);
    return {
      ...options,
      id: newJobId(contract.kind),
      kind: contract.kind,
      input,
      attempts: contract.attempts,
      version: contract.version,
      depth: 0,
      limitKeys: limitKeysOf(contract, parsed),
    };
  }

  /** Rejects with `not_found`. */
  async cancel(id: string): Promise<CancelOutcome> {
    const { keys, scripts } = this.#queues.ofJob(id);
    const outcome = await scripts.cancel(id);
    if (outcome === "cancelled")
      this.observe?.({ type: "job.ended", ...endedElsewhere(keys.queue, id), status: "cancelled" });
    return outcome;
  }

  /** Opens a new round of a finished job. Rejects with `not_found`, `unique_conflict` or `invalid_input`. */
  async rerun(id: string): Promise<void> {
    const record = await this.find.read(id);
    if (!record) throw noJob(id);
    await this.#queues.ofJob(id).scripts.rerun(id, record.round);
  }

  /** As `rerun`, for many: what became of each, in order. */
  rerunMany(ids: readonly string[]): Promise<Rerun[]> {
    return Promise.all(
      ids.map(async (id): Promise<Rerun> => {
        try {
          await this.rerun(id);
          return { id, status: "queued" };
        } catch (error) {
          if (error instanceof TelltaleError) return { id, error };
          throw error;
        }
      }),
    );
  }

  /** Hands out nothing more of a queue until `resume`; what runs goes on. Rejects with `invalid_input` if nobody uses it. */
  async pause(queue: string): Promise<void> {
    await this.#queues.asNamed(queue).scripts.pause();
  }

  /** Hands out what waits again. Rejects with `invalid_input` for a queue nobody uses. */
  async resume(queue: string): Promise<void> {
    await this.#queues.asNamed(queue).scripts.resume();
  }

  /** Queues a scheduled or retrying job before its time. Rejects with `not_found` or `invalid_input`. */
  async runNow(id: string): Promise<void> {
    await this.#queues.ofJob(id).scripts.runNow(id);
  }

  /** Deletes a finished job before its retention does. Rejects with `not_found` or `invalid_input`. */
  async remove(id: string): Promise<void> {
    await this.#queues.ofJob(id).scripts.remove(id);
  }

  /** Every change of a job; see `Hub.watch`. Who may watch is the caller's to check. */
  watch(id: string, options?: HubWatchOptions): AsyncGenerator<JobUpdate, void, undefined> {
    return this.hub.watch(this.#queues.ofJob(id).keys, id, options);
  }

  /** A job's streamed output with the position of each piece; see `Hub.watchChunks`. */
  async *watchChunks(
    id: string,
    options?: HubWatchOptions,
  ): AsyncGenerator<{ readonly position: string; readonly chunk: JobChunk<AnyJob> }, void, undefined> {
    for await (const line of this.hub.watchChunks(this.#queues.ofJob(id).keys, id, options)) {
      yield { position: chunkPosition(line), chunk: toChunk(id, line) };
    }
  }

  /** A random key all processes on this Redis share, base64url; made by whoever asks first. */
  async secret(): Promise<string> {
    const key = secretKey(this.prefix);
    await whenReady(this.#commands, CONNECTION_WAIT_MS);
    try {
      await this.#commands.set(key, randomBytes(32).toString("base64url"), "NX");
      const secret = await this.#commands.get(key);
      if (secret === null) throw new TelltaleError("redis_unavailable", "The shared key is gone from Redis");
      return secret;
    } catch (error) {
      throw toTelltaleError(error, { wasSentOnce: false });
    }
  }

  /** Ends watches and connections. Safe to call twice. */
  close(): void {
    this.#isOpen = false;
    this.#connections.close();
    this.hub.close();
    this.statsWatch.close();
    this.#commands.disconnect();
    this.#replicated?.redis.disconnect();
  }

  async #open(withinMs: number): Promise<void> {
    await this.#server.now(withinMs);
    await Promise.all(this.#queues.all.map(({ scripts }) => scripts.open()));
  }

  #openQueue(queue: string): OpenQueue {
    const keys = queueKeys(this.prefix, queue);
    const target = { redis: this.#commands, keys, clock: this.clock, losses: this.#losses, observe: this.observe };
    const rules = [retentionOf(this.jobs, queue), limitsOf(this.jobs, queue)] as const;
    const scripts = new QueueScripts(target, ...rules);
    const submitting = this.#replicated ? new QueueScripts({ ...target, ...this.#replicated }, ...rules) : scripts;
    return { keys, scripts, submitter: new Submitter(submitting, this.#replicated?.wait ?? null) };
  }

  get #telling(): { readonly logger: Logger; readonly observe: Observe | undefined } {
    return { logger: this.logger, observe: this.observe };
  }

  #openReplicated(rule: ReplicaRule): ReplicatedSubmits {
    const redis = openConnection(this.connection, "commands");
    const losses = lossesOf(redis);
    this.#connections.watch(redis, "submits");
    return { redis, losses, wait: new ReplicaWait({ redis, losses, markKey: replicaMarkKey(this.prefix), rule }) };
  }
}

function outcomeOf({ status, created }: Submitted): { readonly status: JobStatus | null; readonly created: boolean } {
  return { status: JOB_STATUSES.find((one) => one === status) ?? null, created };
}
