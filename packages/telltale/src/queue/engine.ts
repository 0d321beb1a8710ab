import { randomBytes } from "node:crypto";
import {
  type AnyJob,
  type CancelOutcome,
  hasCode,
  isFinal,
  JOB_STATUSES,
  type JobChunk,
  type JobStatus,
  type Jobs,
  LIMITS,
  type Logger,
  newJobId,
  type Observer,
  type QueueStats,
  TelltaleError,
  type WorkerList,
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
import { BulkActions } from "./bulk/bulk-actions.js";
import { endedElsewhere } from "./ended-elsewhere.js";
import { noJob, type OpenQueue, OpenQueues, quoted } from "./open-queues.js";
import { QueueNames } from "./queue-names.js";
import { type FoundJob, JobFinder } from "./read/job-finder.js";
import { type PositionedLine, readStoredLog } from "./read/read-log.js";
import { toChunk } from "./record/chunk-line.js";
import { encoded } from "./record/encoded.js";
import type { JobToStore } from "./record/job-to-store.js";
import { linePosition, parseLinePosition } from "./record/line-position.js";
import { toLogLine } from "./record/log-line.js";
import { limitsOf } from "./record/queue-limits.js";
import { retentionOf } from "./record/queue-retention.js";
import { addressOf } from "./redis/address-of.js";
import type { Connection, RedisUse } from "./redis/commands.js";
import { lossesOf, openConnection } from "./redis/connection.js";
import { type ConnectionOptions, connectionOptions, type RedisSource } from "./redis/connection-options.js";
import { ConnectionWatch } from "./redis/connection-watch.js";
import { Doorbell } from "./redis/doorbell.js";
import { checkPrefix, type QueueKeys, queueKeys, registryKeys, replicaMarkKey, secretKey } from "./redis/keys.js";
import { MemoryGauge } from "./redis/memory.js";
import { firstLine, toTelltaleError } from "./redis/redis-error.js";
import { ServerCheck } from "./redis/server-check.js";
import { CONNECTION_WAIT_MS, whenReady } from "./redis/when-ready.js";
import type { RerunQuota } from "./scripts/lifecycle/rerun.js";
import { QueueScripts } from "./scripts/queue-scripts.js";
import { checkUniqueElsewhere, findInFormer } from "./submit/find-in-former.js";
import { limitKeysOf } from "./submit/limit-keys.js";
import { parseInput } from "./submit/parse-input.js";
import { type ReplicaRule, ReplicaWait, replicaRule } from "./submit/replica-wait.js";
import { SubmitAllowance } from "./submit/submit-allowance.js";
import { checkedOptions, type SubmitRequest } from "./submit/submit-request.js";
import { type Submitted, Submitter } from "./submit/submitter.js";
import { UnhandledQueues } from "./unhandled-queues.js";
import { Hub, type HubWatchOptions } from "./watch/hub.js";
import type { JobUpdate } from "./watch/job-update.js";
import { PolledWatch } from "./watch/polled-watch.js";
import { WorkerRegistry } from "./workers/worker-registry.js";

// Without the flag `no-writes`, a replica refuses it. With `allow-oom`, a full server does not.
const WRITES_NOTHING = "#!lua flags=allow-oom\nreturn 1";

/** The options of `createTelltale`. */
export interface EngineOptions {
  /** The contracts, from `defineJobs`. */
  readonly jobs: Jobs;
  /**
   * A Redis URL, the path of a unix socket, options of ioredis, or an ioredis instance, whose options are copied. Options that
   * Telltale cannot use are refused with their names; see docs/redis.md.
   */
  readonly redis: RedisSource | undefined;
  /**
   * The prefix of all keys and channels: 1 to 64 characters from A-Z a-z 0-9 . _ -. Use a different one for each application or test
   * that shares a Redis. @default "telltale"
   */
  readonly prefix?: string;
  /** Receives log lines; `false` disables logging. @default warnings and errors to stderr */
  readonly logger?: Logger | false | undefined;
  /**
   * Receives events as structured data; see https://github.com/telltale-jobs/telltale/blob/main/docs/observer.md. Workers use it too,
   * unless they have their own. @default none
   */
  readonly observer?: Observer | readonly Observer[] | undefined;
  /** For tests: returns the current time in ms since 1970, instead of Redis's time. @default Redis's time */
  readonly clock?: () => number;
  /** How often to check in Redis that watchers which received nothing have not missed an event, in ms. @default 5000 */
  readonly positionCheckMs?: number;
  /** How often to read the statistics of queues and the workers that are watched, in ms. @default 1000 */
  readonly statsEveryMs?: number;
  /**
   * Whether to accept a Redis that may evict jobs when its memory is full. If false, `$ready` and submits reject with
   * `unsupported_redis` while the server's `maxmemory-policy` is not `noeviction`. The policy is checked after each connect and every
   * 30 s. @default false
   */
  readonly allowEviction?: boolean;
  /**
   * The number of replicas, 0 to 16, that must have a job before its submit resolves. The job then survives the loss of the primary
   * if one of these replicas is promoted, so set it to the number of replicas that may be promoted. If too few replicas acknowledge
   * the job in time, the submit rejects with `outcome_unknown`, although the primary has the job. Another submit with the same
   * idempotency key returns it.
   *
   * Only submits wait for replicas; later changes do not (https://redis.io/docs/latest/commands/wait/). After a failover, a job that
   * had completed or was cancelled may run again. Replicas may have the job only in memory, not on disk. This option costs one
   * additional connection and, for each submit, a round trip to the replicas. @default 0
   */
  readonly replicas?: number;
  /** How long to wait for replicas, in ms, 1 to 3000. @default 1000 */
  readonly replicaWaitMs?: number;
}

/** The connection for submits that wait for replicas. Nothing else uses it, because WAIT blocks it. */
interface ReplicatedSubmits {
  readonly redis: Connection;
  readonly losses: () => number;
  readonly wait: ReplicaWait;
}

/** The outcome of `rerunMany` for one job. */
export type Rerun =
  | { readonly id: string; readonly status: "queued" }
  | { readonly id: string; readonly error: TelltaleError };

/** All operations on Redis for the contracts of one application. Created by `createTelltale`. */
export class Engine {
  readonly jobs: Jobs;
  readonly logger: Logger;
  /** Reads jobs and statistics. */
  readonly find: JobFinder;
  /** Acts on many jobs. */
  readonly bulk: BulkActions;
  readonly observe: Observe | undefined;
  readonly hub: Hub;
  readonly allowance: SubmitAllowance;
  readonly memory: MemoryGauge;
  readonly statsWatch: PolledWatch<QueueStats>;
  readonly workers: WorkerRegistry;
  readonly workersWatch: PolledWatch<WorkerList>;
  /** With this, a worker's thread opens its own connection, if it can be copied; see `assertThreadOptions`. */
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly clock: () => number | undefined;
  readonly #connections: ConnectionWatch;
  readonly #commands: Connection;
  readonly #losses: () => number;
  readonly #server: ServerCheck;
  readonly #replicated: ReplicatedSubmits | null;
  readonly #queues: OpenQueues;
  readonly #uses = new Set<RedisUse>(["jobs"]);
  readonly #unhandled: UnhandledQueues;
  #opened: Promise<void> | null = null;
  #isOpen = true;

  constructor(options: EngineOptions) {
    assertKnownOptions("createTelltale", options, {
      ...{ jobs: true, redis: true, prefix: true, logger: true, observer: true, clock: true, positionCheckMs: true },
      ...{ statsEveryMs: true, allowEviction: true, replicas: true, replicaWaitMs: true },
    });
    this.jobs = options.jobs;
    Object.assign(this, MADE_HERE);
    for (const job of Object.values(this.jobs)) assertSameVersion(`The contract ${quoted(job.kind, 64)}`, job);
    this.logger = loggerOf(options.logger);
    this.observe = observeFor(options.observer, this.logger);
    this.prefix = checkPrefix(options.prefix ?? "telltale");
    this.clock = options.clock ?? (() => undefined);
    this.connection = connectionOptions(options.redis);
    const rule = replicaRule(options);
    if (rule) this.#uses.add("replicas");
    this.#connections = new ConnectionWatch({ ...this.#reporting, address: addressOf(this.connection) });
    this.#commands = openConnection(this.connection, "commands");
    this.#losses = lossesOf(this.#commands);
    this.#connections.watch(this.#commands, "commands");
    this.#server = new ServerCheck({
      redis: this.#commands,
      losses: this.#losses,
      required: () => ({
        uses: this.#uses,
        prefix: this.prefix,
        queues: this.queues,
        connection: this.connection,
        allowEviction: options.allowEviction ?? false,
      }),
      logger: this.logger,
    });
    this.#replicated = rule && this.#openReplicated(rule);
    const stored = new QueueNames(this.#commands, this.prefix);
    this.#queues = new OpenQueues(this.jobs, { open: (queue) => this.#openQueue(queue), stored });
    this.find = new JobFinder(this.#queues, this.jobs);
    this.bulk = new BulkActions(this.#queues, this.find, (queue, id) => this.#observeCancelled(queue, id));
    this.#unhandled = new UnhandledQueues({ find: () => this.find.withoutContract(), logger: this.logger });
    this.allowance = new SubmitAllowance(this.#commands, this.prefix);
    this.memory = new MemoryGauge(this.#commands);
    // Limited, because all watchers report the same problem at the same time.
    const logger = sparingLogger(this.logger);
    this.hub = new Hub({
      commands: this.#commands,
      connection: this.connection,
      read: (keys, id) => this.scripts(keys.queue).read(id),
      readLog: (keys, id, page) => readStoredLog(this.scripts(keys.queue), id, page),
      logger,
      observe: this.observe,
      connections: this.#connections,
      positionCheckMs: options.positionCheckMs,
    });
    this.statsWatch = new PolledWatch({
      read: (queue) => this.scripts(queue).stats(),
      shown: ({ at: _, ...rest }) => rest,
      onFailure: (queue, error) => logger.warn({ queue, error }, "reading the statistics of a queue failed"),
      everyMs: options.statsEveryMs,
    });
    const target = { redis: this.#commands, clock: this.clock, losses: this.#losses, observe: this.observe };
    this.workers = new WorkerRegistry(target, {
      keys: registryKeys(this.prefix),
      listen: (channel, listener) => this.hub.listen(channel, listener),
    });
    this.workersWatch = new PolledWatch({
      read: () => this.workers.list(),
      // When a worker was last seen is no change by itself.
      shown: ({ at: _, workers, ...rest }) => [rest, workers.map(({ lastSeenAt, ...worker }) => worker)],
      onFailure: (_, error) => logger.warn({ error }, "reading the workers failed"),
      everyMs: options.statsEveryMs,
    });
  }

  /** Returns the contract of a kind. Throws `unknown_kind`. */
  contract(kind: string): AnyJob {
    return this.#queues.contract(kind);
  }

  /** The names of the queues that the contracts use or used before. */
  get queues(): string[] {
    return this.#queues.names;
  }

  scripts(queue: string): QueueScripts {
    return this.#queues.of(queue).scripts;
  }

  keys(queue: string): QueueKeys {
    return this.#queues.of(queue).keys;
  }

  /** Creates a doorbell with its own connection. The caller closes it. */
  doorbell(queue: string): Doorbell {
    return new Doorbell(this.connection, this.keys(queue), this.#reporting);
  }

  /**
   * Resolves once Redis answers, its version and configuration are supported, its user has all permissions that this process needs, and
   * every queue has a layout that this version of Telltale can use. Rejects with `unsupported_redis`, or with `redis_unavailable` after `withinMs`, by default 2 s. You can call it
   * again after a failure.
   */
  ready(withinMs: number = CONNECTION_WAIT_MS): Promise<void> {
    this.#opened ??= this.#open(withinMs).catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  /**
   * Declares what else this process uses Redis for. The next `ready` and the next submit check its permissions for that too. Returns
   * whether `ready` was called before, because then the application may not call it again.
   */
  require(...uses: readonly RedisUse[]): boolean {
    const wasCalled = this.#opened !== null;
    if (uses.every((use) => this.#uses.has(use))) return wasCalled;
    for (const use of uses) this.#uses.add(use);
    this.#server.forget();
    this.#opened = null;
    return wasCalled;
  }

  /** False after `close`. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether there is a connection to Redis. Redis may still refuse commands. */
  get isConnected(): boolean {
    return this.#commands.status === "ready";
  }

  /**
   * Resolves if `ready` does, and if Redis still answers, is supported and can be written to, so that it is not a replica. Rejects with
   * `redis_unavailable` or `unsupported_redis`.
   */
  async ping(): Promise<void> {
    await this.ready();
    await this.#server.beforeSubmit();
    await whenReady(this.#commands, CONNECTION_WAIT_MS);
    await this.#commands.eval(WRITES_NOTHING, 0).catch((error: unknown) => {
      throw new TelltaleError("redis_unavailable", undefined, { cause: new Error(firstLine(error)) });
    });
  }

  /** Validates and stores a job. The input is stored as it was submitted, and the worker parses it again for the handler. */
  async submit(request: SubmitRequest): Promise<Submitted> {
    return this.store(await this.prepare(request));
  }

  /**
   * Stores a prepared job. Idempotent: a second call with the same id returns the existing job. Rejects with `unsupported_redis`
   * while the server may evict jobs, unless `allowEviction` is set.
   */
  async store(job: JobToStore): Promise<Submitted> {
    const contract = this.contract(job.kind);
    const { queue } = contract;
    const check = this.#server.beforeSubmit();
    if (check) await check;
    this.#queues.register();
    const isInFormer = contract.formerQueues.length > 0 && (await findInFormer(this.#queues.ofKind(job.kind), job));
    const submitted = isInFormer || (await this.#queues.of(queue).submitter.submit(job));
    const { kind } = job;
    this.observe?.({ type: "job.submitted", kind, queue, id: submitted.id, ...outcomeOf(submitted) });
    return submitted;
  }

  /** Validates a request and returns the job to store, with an id. */
  async prepare(request: SubmitRequest): Promise<JobToStore> {
    const contract = this.contract(request.kind);
    const options = checkedOptions(request);
    // Encoding comes first. It only accepts plain values, so the schema never meets getters, cycles or endless iterators.
    const input = encoded("input", request.input, LIMITS.inputBytes);
    const parsed = await parseInput(contract.input, request.input);
    const owner = request.quota?.account ?? options.owner;
    return {
      id: newJobId(contract.kind),
      kind: contract.kind,
      input,
      attempts: contract.attempts,
      version: contract.version,
      depth: 0,
      limitKeys: limitKeysOf(contract, parsed, { owner }),
      quota: request.quota,
      // Comes last: in front, it makes V8 add the others one by one, which takes 9 µs.
      ...options,
    };
  }

  /** Cancels a job, or asks its handler to stop if it is running. Rejects with `not_found`. */
  async cancel(id: string): Promise<CancelOutcome> {
    return this.#queues.onJob(id, async ({ keys, scripts }) => {
      const outcome = await scripts.cancel(id);
      if (outcome === "cancelled") this.#observeCancelled(keys.queue, id);
      return outcome;
    });
  }

  /**
   * Runs a finished job again, as a new round. Rejects with `not_found`, `unique_conflict`, `invalid_input` if it has not ended, or
   * `too_many` if the account for which the job counts would have more outstanding than `quota`.
   */
  async rerun(id: string, quota: RerunQuota | null = null): Promise<void> {
    const record = await this.find.read(id);
    if (!record) throw noJob(id);
    await this.#queues.onJob(id, async ({ scripts }) => {
      await checkUniqueElsewhere(this.#queues.ofKind(record.kind), { id, scripts });
      await scripts.rerun(id, record.round, quota);
    });
  }

  /** Reruns several jobs, and returns one outcome for each, in order. */
  rerunMany(ids: readonly string[], quota: RerunQuota | null = null): Promise<Rerun[]> {
    return Promise.all(
      ids.map(async (id): Promise<Rerun> => {
        try {
          await this.rerun(id, quota);
          return { id, status: "queued" };
        } catch (error) {
          if (error instanceof TelltaleError) return { id, error };
          throw error;
        }
      }),
    );
  }

  /** Pauses a queue. Running jobs continue. Rejects with `invalid_input` for a queue that no contract uses. */
  async pause(queue: string): Promise<void> {
    await this.#queues.asNamed(queue).scripts.pause();
  }

  /** Resumes a queue. Rejects with `invalid_input` for a queue that no contract uses. */
  async resume(queue: string): Promise<void> {
    await this.#queues.asNamed(queue).scripts.resume();
  }

  /** Queues a scheduled or retrying job before its time. Rejects with `not_found`, or `invalid_input` in any other status. */
  async runNow(id: string): Promise<void> {
    await this.#queues.onJob(id, ({ scripts }) => scripts.runNow(id));
  }

  /**
   * Deletes a finished job before its retention ends. Resolves if the job does not exist. Rejects with `invalid_input` if it has not
   * ended, or with `not_found` if no contract has its kind.
   */
  async remove(id: string): Promise<void> {
    const first = await this.#queues.likely(id);
    if (!first) throw noJob(id);
    // The script does not tell whether there was such a job.
    const queue = (await first.scripts.has(id)) ? first : await this.#queues.elsewhere(id, first);
    await queue?.scripts.remove(id);
  }

  /** Yields every change of a job; see `Hub.watch`. The caller checks access. `known` is the job, if it was just read for that. */
  watch(
    id: string,
    { known, ...options }: Omit<HubWatchOptions, "ended"> & { readonly known?: FoundJob } = {},
  ): AsyncGenerator<JobUpdate, void, undefined> {
    const ended = known && isFinal(known.status) ? known : undefined;
    const first = known && this.#queues.of(known.queue);
    return this.#onFeed(
      id,
      (keys) => this.hub.watch(keys, id, keys === first?.keys ? { ...options, ended } : options),
      first,
    );
  }

  /** Yields a job's streamed output with the position of each chunk; see `Hub.watchChunks`. */
  async *watchChunks(
    id: string,
    options?: HubWatchOptions,
  ): AsyncGenerator<{ readonly position: string; readonly chunk: JobChunk<AnyJob> }, void, undefined> {
    for await (const line of this.#onFeed(id, (keys) => this.hub.watchChunks(keys, id, options))) {
      yield { position: linePosition(line), chunk: toChunk(id, line) };
    }
  }

  /** Yields the lines of a job's log with their positions; see `Hub.watchLog`. */
  async *watchLog(id: string, options?: HubWatchOptions): AsyncGenerator<PositionedLine, void, undefined> {
    let last = (options?.after !== undefined && parseLinePosition(options.after)?.n) || 0;
    for await (const line of this.#onFeed(id, (keys) => this.hub.watchLog(keys, id, options))) {
      yield { position: linePosition(line), line: toLogLine(id, line, line.n > last ? last : 0) };
      last = line.n;
    }
  }

  /**
   * Returns a random base64url key that all processes with this prefix on this Redis share. The first call creates it. Rejects with
   * `redis_unavailable` or `outcome_unknown`.
   */
  async secret(): Promise<string> {
    const key = secretKey(this.prefix);
    await whenReady(this.#commands, CONNECTION_WAIT_MS);
    try {
      await this.#commands.set(key, randomBytes(32).toString("base64url"), "NX");
      const secret = await this.#commands.get(key);
      if (secret === null) throw new TelltaleError("redis_unavailable", "The shared secret is missing in Redis");
      return secret;
    } catch (error) {
      throw toTelltaleError(error, { wasSentOnce: false });
    }
  }

  /** Ends all watches and closes the connections. Safe to call twice. */
  close(): void {
    this.#isOpen = false;
    this.#connections.close();
    this.hub.close();
    this.statsWatch.close();
    this.workersWatch.close();
    this.#unhandled.close();
    this.#commands.disconnect();
    this.#replicated?.redis.disconnect();
  }

  async #open(withinMs: number): Promise<void> {
    await this.#server.now(withinMs);
    await Promise.all(this.#queues.all.map(({ scripts }) => scripts.open()));
    await this.#unhandled.report();
  }

  // Like `OpenQueues.onJob`, for watches, which reject with `not_found` before they yield anything.
  async *#onFeed<T>(
    id: string,
    watch: (keys: QueueKeys) => AsyncGenerator<T, void, undefined>,
    knownQueue?: OpenQueue,
  ): AsyncGenerator<T, void, undefined> {
    const first = knownQueue ?? (await this.#queues.likely(id));
    if (!first) throw noJob(id);
    let other: OpenQueue | null = null;
    try {
      yield* watch(first.keys);
    } catch (error) {
      other = hasCode(error, "not_found") ? await this.#queues.elsewhere(id, first) : null;
      if (!other) throw error;
    }
    if (other) yield* watch(other.keys);
  }

  #observeCancelled(queue: string, id: string): void {
    this.observe?.({ type: "job.ended", ...endedElsewhere(queue, id), status: "cancelled" });
  }

  #openQueue(queue: string): OpenQueue {
    const keys = queueKeys(this.prefix, queue);
    const target = { redis: this.#commands, keys, clock: this.clock, losses: this.#losses, observe: this.observe };
    const rules = [retentionOf(this.jobs, queue), limitsOf(this.jobs, queue)] as const;
    const scripts = new QueueScripts(target, ...rules);
    const submitting = this.#replicated ? new QueueScripts({ ...target, ...this.#replicated }, ...rules) : scripts;
    return { keys, scripts, submitter: new Submitter(submitting, this.#replicated?.wait ?? null) };
  }

  get #reporting(): { readonly logger: Logger; readonly observe: Observe | undefined } {
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
