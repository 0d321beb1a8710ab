import { randomUUID } from "node:crypto";
import { LIMITS, type QueueStats, TelltaleError } from "../../core/index.js";
import { assertNever } from "../../core/internal.js";
import type { Wanted } from "../record/filter-arg.js";
import type { JobToStore } from "../record/job-to-store.js";
import { NO_LIMITS, type QueueLimits } from "../record/queue-limits.js";
import { type QueueRetention, rememberMsOf } from "../record/queue-retention.js";
import { codeOf } from "../record/stored-error.js";
import { LAYOUT_VERSION } from "../redis/keys.js";
import { fullness } from "../redis/memory.js";
import { toTelltaleError } from "../redis/redis-error.js";
import { CONNECTION_WAIT_MS, whenReady } from "../redis/when-ready.js";
import { overQuota } from "../submit/over-quota.js";
import { cancelMany } from "./bulk/cancel-many.js";
import { obliterate } from "./bulk/obliterate.js";
import { removeMany } from "./bulk/remove-many.js";
import { type EndedRound, rerunMany } from "./bulk/rerun-many.js";
import { runManyNow } from "./bulk/run-many-now.js";
import { Coalescer } from "./coalescer.js";
import { cancel } from "./lifecycle/cancel.js";
import { type Appended, type ChunkBatch, chunk } from "./lifecycle/chunk.js";
import { type Claimed, type ClaimRequest, claim, type Lease } from "./lifecycle/claim.js";
import { type Completion, complete } from "./lifecycle/complete.js";
import { type Extended, extend } from "./lifecycle/extend.js";
import { type CodedFailure, type Failure, fail } from "./lifecycle/fail.js";
import { type ProgressReport, progress, type Stored } from "./lifecycle/progress.js";
import { type Release, release } from "./lifecycle/release.js";
import { type RerunQuota, rerun } from "./lifecycle/rerun.js";
import type { SettlingReply } from "./lifecycle/settle.js";
import { submit } from "./lifecycle/submit.js";
import { type LogBatch, log, markLog } from "./log/log.js";
import { readLog } from "./log/read-log.js";
import { type DetailRecord, detail } from "./reading/detail.js";
import { failures } from "./reading/failures.js";
import { findExisting } from "./reading/find-existing.js";
import { listRunning } from "./reading/list-running.js";
import { listSorted } from "./reading/list-sorted.js";
import { listWaiting } from "./reading/list-waiting.js";
import type { ListedPage } from "./reading/listed.js";
import { type JobRecord, read } from "./reading/read.js";
import { readAside } from "./reading/read-aside.js";
import { readHistory, type StoredHistory } from "./reading/read-history.js";
import { stats } from "./reading/stats.js";
import { runScript, type ScriptTarget } from "./run-script.js";
import { dueSchedules } from "./schedules/due-schedules.js";
import { fireSchedule, type Passing } from "./schedules/fire-schedule.js";
import { readSchedules } from "./schedules/read-schedules.js";
import { type RemovedSchedule, removeSchedule } from "./schedules/remove-schedule.js";
import { setSchedule } from "./schedules/set-schedule.js";
import type { Script } from "./script.js";
import { compact } from "./upkeep/compact.js";
import { condemn } from "./upkeep/condemn.js";
import { expire } from "./upkeep/expire.js";
import { open } from "./upkeep/open.js";
import { pause } from "./upkeep/pause.js";
import { promote } from "./upkeep/promote.js";
import { prune } from "./upkeep/prune.js";
import { reclaim } from "./upkeep/reclaim.js";
import { remove } from "./upkeep/remove.js";
import { resume } from "./upkeep/resume.js";
import { runNow } from "./upkeep/run-now.js";

const MAINTENANCE_LIMIT = 100;
// Each id costs one read, so that a call takes one to two ms.
const COMPACT_LIMIT = 1_000;
const DUE_BYTES = 1024 * 1024;

/** The scripts of one queue on one connection. Each method calls one script; see its `.lua` file for what it does. */
export class QueueScripts {
  readonly #target: ScriptTarget;
  readonly #retention: QueueRetention;
  readonly #limits: QueueLimits;
  readonly #completions: Coalescer<Completion, SettlingReply<"completed">>;
  readonly #failures: Coalescer<CodedFailure, SettlingReply<"retrying" | "failed" | "cancelled">>;
  readonly #reports: Coalescer<ProgressReport, Stored>;
  readonly #chunks: Coalescer<ChunkBatch, Appended>;
  readonly #logs: Coalescer<LogBatch, Stored>;

  constructor(target: ScriptTarget, retention: QueueRetention, limits: QueueLimits = NO_LIMITS) {
    this.#target = target;
    this.#retention = retention;
    this.#limits = limits;
    this.#completions = new Coalescer({
      send: (items) => this.#run(complete, { items, rememberMs: this.#rememberMs }),
      bytesOf: ({ output }) => output.length,
    });
    this.#failures = new Coalescer({
      send: (items) => this.#run(fail, { items, rememberMs: this.#rememberMs }),
      bytesOf: ({ error }) => error.length,
    });
    this.#reports = new Coalescer({
      send: (items) => this.#run(progress, items),
      bytesOf: ({ progress }) => progress.length,
    });
    this.#chunks = new Coalescer({
      send: (items) => this.#run(chunk, items),
      bytesOf: ({ pieces }) => pieces.reduce((bytes, piece) => bytes + piece.length, 0),
    });
    this.#logs = new Coalescer({
      send: (items) => this.#run(log, items),
      // Short lines cost Redis more time than their bytes: 7 µs each.
      bytesOf: ({ lines }) =>
        lines.reduce((bytes, { message, data }) => bytes + 2_048 + message.length + data.length, 0),
    });
  }

  get queue(): string {
    return this.#target.keys.queue;
  }

  /** Throws `unsupported_redis` if another version of Telltale with another layout created this queue, or if one of its keys has another type. */
  async open(): Promise<void> {
    const answer = await this.#run(open, undefined);
    if (answer[0] === "damaged") {
      const found = `the key ${answer[1]} is a ${answer[2]}, which Telltale did not write`;
      const remedy = "Delete or rename the key, or use another prefix";
      throw new TelltaleError("unsupported_redis", `Queue ${this.queue} is damaged: ${found}. ${remedy}`);
    }
    if (answer[0] === "opened") return;
    const [age, layout] = answer;
    const layouts = `its keys have layout ${layout}, and this version reads layout ${LAYOUT_VERSION}`;
    const remedy =
      age === "newer"
        ? "Update Telltale here too"
        : "Let processes of the older version finish its jobs, or use another prefix";
    throw new TelltaleError(
      "unsupported_redis",
      `Queue ${this.queue} was created by ${age === "newer" ? "a newer" : "an older"} version of Telltale: ${layouts}. ${remedy}`,
    );
  }

  submit(jobs: readonly JobToStore[]): Promise<ReturnType<typeof submit.parse>> {
    return this.#run(submit, { jobs, maxWaiting: this.#limits.maxWaiting });
  }

  /** Looks for a job that a submit to another queue must not create again; see `findInFormer`. */
  findExisting(job: JobToStore): Promise<ReturnType<typeof findExisting.parse>> {
    return this.#run(findExisting, { job });
  }

  /** Whether the queue has a job with this id. */
  has(id: string): Promise<boolean> {
    return this.#ask(async ({ redis, keys }) => (await redis.exists(keys.job(id))) === 1);
  }

  /** Returns the scope of a job's unique key as it is stored, or null. */
  uniqueScope(id: string): Promise<string | null> {
    return this.#ask(async ({ redis, keys }) => {
      const line = await redis.hget(keys.job(id), "job");
      return /\nunique=([^\n]*)/.exec(line ?? "")?.[1] ?? null;
    });
  }

  /** Returns the id of the unfinished job that holds a unique key, or null. */
  uniqueHolder(scope: string): Promise<string | null> {
    return this.#ask(async ({ redis, keys }) => {
      const holder = await redis.hget(keys.unique, scope);
      return holder !== null && (await redis.exists(keys.job(holder))) === 1 ? holder : null;
    });
  }

  read(id: string): Promise<JobRecord | null> {
    return this.#run(read, { id });
  }

  /** Like `read`, but with options and the errors of failed attempts, and with only the newest entry of the feed. */
  detail(id: string): Promise<DetailRecord | null> {
    return this.#run(detail, { id });
  }

  listSorted(asked: Parameters<typeof listSorted.args>[0]): Promise<ListedPage> {
    return this.#run(listSorted, asked);
  }

  listRunning(asked: Parameters<typeof listRunning.args>[0]): Promise<ReturnType<typeof listRunning.parse>> {
    return this.#run(listRunning, asked);
  }

  listWaiting(asked: Parameters<typeof listWaiting.args>[0]): Promise<ListedPage> {
    return this.#run(listWaiting, asked);
  }

  /** Counts failed jobs with one error code by kind. */
  failures(asked: Parameters<typeof failures.args>[0]): Promise<ReturnType<typeof failures.parse>> {
    return this.#run(failures, asked);
  }

  async stats(): Promise<QueueStats> {
    return { queue: this.queue, ...(await this.#run(stats, undefined)) };
  }

  /** Returns what was counted; see `history/read-history.ts`. */
  readHistory(asked: Parameters<typeof readHistory.args>[0]): Promise<StoredHistory> {
    return this.#run(readHistory, asked);
  }

  /** A repeat with the same request id gets the jobs of the first reply that are still held, with renewed leases. */
  claim(request: ClaimRequest): Promise<Claimed> {
    return this.#run(claim, { limits: this.#limits, rememberMs: this.#rememberMs, ...request });
  }

  extend(leases: readonly Lease[], leaseMs: number): Promise<Extended[]> {
    return this.#run(extend, { leases, leaseMs });
  }

  /**
   * Rejects with `lease_lost` if the job was settled, released or reclaimed in the meantime, or with `not_found`. Calls in the same
   * tick share a script call, and `onSent` is called once that is on its way.
   */
  async complete(item: Completion, onSent?: () => void): Promise<void> {
    settled(item, await this.#completions.call(item, onSent));
  }

  /** Returns the job's new status. Rejects like `complete`, and shares script calls like it. */
  async fail(item: Failure, onSent?: () => void): Promise<"retrying" | "failed" | "cancelled"> {
    return settled(item, await this.#failures.call({ code: codeOf(item.error), ...item }, onSent));
  }

  /** Gives jobs back without running them. Returns one word per job, and does not reject if some leases were lost. */
  async release(
    items: readonly Release[],
  ): Promise<("queued" | "scheduled" | "cancelled" | "lease_lost" | "not_found")[]> {
    if (items.length === 0) return [];
    return (await this.#run(release, { items, rememberMs: this.#rememberMs })).map(([word]) => word);
  }

  /**
   * Stores the latest progress report. Rejects with `lease_lost` if the attempt no longer has its lease. Shares script calls like
   * `complete`.
   */
  async progress(report: ProgressReport): Promise<void> {
    if ((await this.#reports.call(report)) === "lease_lost") throw leaseLost(report.id);
  }

  /** Returns `truncated` once the job's chunks exceed their limit. Rejects like `progress`, and shares script calls like it. */
  async chunk(batch: ChunkBatch): Promise<"stored" | "truncated"> {
    const word = await this.#chunks.call(batch);
    if (word === "lease_lost") throw leaseLost(batch.id);
    return word;
  }

  /** Appends lines to a job's log. Rejects like `progress`, and with `redis_full`. Shares script calls like it. */
  async log(batch: LogBatch): Promise<void> {
    if ((await this.#logs.call(batch)) === "lease_lost") throw leaseLost(batch.id);
  }

  /** Appends a line that tells that others were dropped, also while Redis is full. Rejects like `progress`. */
  async markLog(batch: LogBatch): Promise<void> {
    if ((await this.#run(markLog, [batch]))[0] === "lease_lost") throw leaseLost(batch.id);
  }

  /** Reads lines of a job's log, and its status before them, or null if there is no such job. */
  readLog(asked: Parameters<typeof readLog.args>[0]): Promise<ReturnType<typeof readLog.parse>> {
    return this.#run(readLog, asked);
  }

  /** A repeat with the same request id gets the first reply. Rejects with `not_found`. */
  async cancel(id: string, request: string = randomUUID()): Promise<"cancelled" | "requested" | "already_finished"> {
    const outcome = await this.#run(cancel, { id, request, rememberMs: this.#rememberMs });
    if (outcome === "not_found") throw notFound(id);
    return outcome;
  }

  /**
   * Starts the round after `round`. Rejects with `not_found`, `unique_conflict`, `invalid_input` if it is unfinished, or `too_many` if
   * its account would have more outstanding than `quota`.
   */
  async rerun(id: string, round: number, quota: RerunQuota | null = null): Promise<void> {
    const [answer, detail] = await this.#run(rerun, { id, round, quota });
    switch (answer) {
      case "queued":
        return;
      case "not_found":
        throw notFound(id);
      case "not_finished":
        throw new TelltaleError(
          "invalid_input",
          `Job ${id} has not finished, so it cannot be rerun. Wait for it or cancel it first`,
        );
      case "unique_conflict":
        throw new TelltaleError("unique_conflict", undefined, { data: { id: detail } });
      case "too_many":
        throw overQuota(detail, quota);
      default:
        return assertNever(answer);
    }
  }

  /** Queues a scheduled or retrying job before it is due. Rejects with `not_found`, or `invalid_input` in another status. */
  async runNow(id: string): Promise<void> {
    const answer = await this.#run(runNow, { id });
    if (answer === "not_found") throw notFound(id);
    if (answer === "not_waiting") {
      throw new TelltaleError(
        "invalid_input",
        `Job ${id} is neither scheduled nor retrying, so it cannot be run early`,
      );
    }
  }

  /** Deletes a finished job with its feed. Resolves if it does not exist. Rejects with `invalid_input` if it is unfinished. */
  async remove(id: string): Promise<void> {
    if ((await this.#run(remove, { id })) === "removed") return;
    throw new TelltaleError(
      "invalid_input",
      `Job ${id} has not finished, so it cannot be removed. Wait for it or cancel it first`,
    );
  }

  /** Like `cancel` for many jobs, if they still match. Returns a word for each. */
  cancelMany(
    ids: readonly string[],
    wanted: Wanted,
    request: string = randomUUID(),
  ): Promise<ReturnType<typeof cancelMany.parse>> {
    return this.#run(cancelMany, { ids, wanted, request, rememberMs: this.#rememberMs });
  }

  /** Like `rerun` for many jobs, if they still match. Returns a word for each of the first ones, at least for one. */
  rerunMany(
    jobs: readonly EndedRound[],
    wanted: Wanted,
    quota: RerunQuota | null = null,
  ): Promise<ReturnType<typeof rerunMany.parse>> {
    return this.#run(rerunMany, { jobs, wanted, quota });
  }

  /** Like `remove` for many jobs, if they still match. Returns a word for each. */
  removeMany(ids: readonly string[], wanted: Wanted): Promise<ReturnType<typeof removeMany.parse>> {
    return this.#run(removeMany, { ids, wanted });
  }

  /** Like `runNow` for many jobs, if they still match. Returns a word for each. */
  runManyNow(ids: readonly string[], wanted: Wanted): Promise<ReturnType<typeof runManyNow.parse>> {
    return this.#run(runManyNow, { ids, wanted });
  }

  /** Deletes up to `limit` jobs of a paused queue, and the queue itself once it has none. */
  obliterate(limit: number): Promise<ReturnType<typeof obliterate.parse>> {
    return this.#run(obliterate, { limit });
  }

  /** Starts no more jobs until `resume`. Running jobs continue. */
  async pause(): Promise<void> {
    await this.#run(pause, undefined);
  }

  /** Starts jobs again after `pause`. Rejects with `invalid_input` if the queue is half deleted. */
  async resume(): Promise<void> {
    if ((await this.#run(resume, undefined)) === "resumed") return;
    throw new TelltaleError(
      "invalid_input",
      `Queue ${this.queue} is being obliterated, and a part of it is gone. Obliterate it to the end`,
    );
  }

  /** Fails jobs whose record cannot be read, and sets aside those whose status cannot be read either. */
  condemn(): Promise<ReturnType<typeof condemn.parse>> {
    const asideMs = this.#retention.failed.ageMs;
    return this.#run(condemn, { limit: MAINTENANCE_LIMIT, rememberMs: this.#rememberMs, asideMs });
  }

  /** Returns the jobs that were set aside, newest first, and their number. */
  aside(): Promise<ReturnType<typeof readAside.parse>> {
    return this.#run(readAside, { limit: MAINTENANCE_LIMIT });
  }

  /** Cancels jobs that did not start within their `startWithin`. */
  expire(): Promise<ReturnType<typeof expire.parse>> {
    return this.#run(expire, { limit: MAINTENANCE_LIMIT, rememberMs: this.#rememberMs });
  }

  promote(): Promise<ReturnType<typeof promote.parse>> {
    return this.#run(promote, { limit: MAINTENANCE_LIMIT });
  }

  reclaim(leaseMs: number): Promise<ReturnType<typeof reclaim.parse>> {
    return this.#run(reclaim, { limit: MAINTENANCE_LIMIT, leaseMs, rememberMs: this.#rememberMs });
  }

  /** Removes the ids of cancelled jobs from the waiting lists, if there are many. */
  compact(): Promise<ReturnType<typeof compact.parse>> {
    return this.#run(compact, { limit: COMPACT_LIMIT });
  }

  prune(): Promise<ReturnType<typeof prune.parse>> {
    return this.#run(prune, { limit: MAINTENANCE_LIMIT, ...this.#retention });
  }

  /** Like `prune`, for a server that is nearly full: deletes all finished jobs older than 60 s, whatever their retention. */
  pruneToFloor(): Promise<ReturnType<typeof prune.parse>> {
    const { completed, failed } = this.#retention;
    const ageMs = LIMITS.minRetentionMs;
    return this.#run(prune, {
      limit: MAINTENANCE_LIMIT,
      completed: { ...completed, ageMs },
      failed: { ...failed, ageMs },
    });
  }

  /**
   * Returns the schedules with these names, and Redis's time. Without names, returns all schedules of the queue, but without their
   * definitions; `allSchedules` reads those too.
   */
  readSchedules(names: readonly string[]): Promise<ReturnType<typeof readSchedules.parse>> {
    return this.#run(readSchedules, { names });
  }

  setSchedule(
    schedule: Readonly<{ name: string; definition: string; nextMs: number; limit: number }>,
  ): Promise<ReturnType<typeof setSchedule.parse>> {
    return this.#run(setSchedule, schedule);
  }

  /** Returns the schedule that was removed, or null if there is none, or none with this revision. */
  removeSchedule(name: string, revision?: string): Promise<RemovedSchedule | null> {
    return this.#run(removeSchedule, { name, revision });
  }

  /** Whether the schedule was fired for this time in this queue. Remembered until an hour after the time that followed. */
  hasFired(schedule: string, atMs: number): Promise<boolean> {
    return this.#ask(async ({ redis, keys }) => (await redis.exists(keys.fired(schedule, atMs))) === 1);
  }

  dueSchedules(refused: readonly string[]): Promise<ReturnType<typeof dueSchedules.parse>> {
    return this.#run(dueSchedules, { limit: MAINTENANCE_LIMIT, maxBytes: DUE_BYTES, refused });
  }

  /** Returns `passed` if it created no job or the schedule had moved on, and `replaced` if the schedule was changed or removed. */
  fireSchedule(passing: Passing): Promise<ReturnType<typeof fireSchedule.parse>> {
    return this.#run(fireSchedule, passing);
  }

  /** Returns the used part of the server's `maxmemory`. At 1, it refuses submits. 0 if it has no limit. */
  async fullness(): Promise<number> {
    await whenReady(this.#target.redis, CONNECTION_WAIT_MS);
    return fullness(this.#target.redis);
  }

  get #rememberMs(): number {
    return rememberMsOf(this.#retention);
  }

  async #ask<R>(ask: (target: ScriptTarget) => Promise<R>): Promise<R> {
    await whenReady(this.#target.redis, CONNECTION_WAIT_MS);
    try {
      return await ask(this.#target);
    } catch (error) {
      throw toTelltaleError(error, { wasSentOnce: false });
    }
  }

  #run<A, R>(script: Script<A, R>, input: A): Promise<R> {
    return runScript(this.#target, script, input);
  }
}

function settled<S extends string>({ id }: Lease, reply: SettlingReply<S>): S {
  if (reply.length === 1) throw reply[0] === "not_found" ? notFound(id) : leaseLost(id);
  return reply[0];
}

function leaseLost(id: string): TelltaleError {
  return new TelltaleError("lease_lost", `Job ${id} is no longer leased to this worker`);
}

function notFound(id: string): TelltaleError {
  return new TelltaleError("not_found", `Job ${id} does not exist`);
}
