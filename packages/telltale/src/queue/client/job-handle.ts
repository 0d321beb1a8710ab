import {
  type AnyJob,
  type CancelOutcome,
  type JobChunk,
  type JobDetail,
  type JobEvent,
  type JobFeed,
  type JobHandle,
  type JobLogLine,
  type JobResult,
  type OutputOf,
  TelltaleError,
  type WatchOptions,
} from "../../core/index.js";
import type { Engine } from "../engine.js";
import { toDetail } from "../read/job-detail.js";
import { APPLICATION } from "../viewer.js";
import { positionOf, toEvent } from "../watch/job-update.js";
import { EngineJobFeed, type Positioned } from "./job-feed.js";

/** The options of `logs`. */
export interface LogsOptions extends WatchOptions {
  /** Whether to wait for further lines until the round ends. @default false */
  readonly follow?: boolean | undefined;
}

/** A handle on one job, with what only server code can do. */
export interface ServerJobHandle<J extends AnyJob> extends JobHandle<J> {
  /**
   * Iterates over the job's log in order: the stored lines, and with `follow` also new ones, until the round ends. Rejects with `not_found`.
   */
  logs(options?: LogsOptions): JobFeed<JobLogLine>;
}

const LINES_PER_CALL = 200;

/** A handle on one job for server code. It has the same methods as the SDK's handle, but uses Redis directly instead of HTTP. */
export class EngineJobHandle<J extends AnyJob> implements ServerJobHandle<J> {
  readonly id: string;
  readonly token = undefined;
  readonly #engine: Engine;
  readonly #kind: string;

  constructor(engine: Engine, job: Readonly<{ id: string; kind: string }>) {
    this.#engine = engine;
    this.id = job.id;
    this.#kind = job.kind;
  }

  async get(): Promise<JobDetail<J>> {
    const record = await this.#engine.find.detail(this.id);
    if (!record) throw new TelltaleError("not_found", `Job ${JSON.stringify(this.id.slice(0, 100))} does not exist`);
    // The payloads were parsed with this contract before they were stored.
    return toDetail(this.id, record, { ...APPLICATION, showsInput: true }) as JobDetail<J>;
  }

  watch(options: WatchOptions = {}): JobFeed<JobEvent<J>> {
    return new EngineJobFeed(this.#events(options), options.after);
  }

  chunks(options: WatchOptions = {}): JobFeed<JobChunk<J>> {
    return new EngineJobFeed(this.#chunks(options), options.after);
  }

  logs(options: LogsOptions = {}): JobFeed<JobLogLine> {
    return new EngineJobFeed(this.#lines(options), options.after);
  }

  async result(options: Readonly<{ signal?: AbortSignal | undefined }> = {}): Promise<JobResult<J>> {
    for await (const event of this.watch(options)) {
      const now: JobEvent<AnyJob> = event;
      if (now.status === "completed") return { ok: true, output: now.output };
      // The error was checked against this contract before it was stored, or is one of `JOB_ERRORS`.
      if (now.status === "failed") return { ok: false, status: "failed", error: now.error } as JobResult<J>;
      if (now.status === "cancelled") return { ok: false, status: "cancelled" };
    }
    throw new TelltaleError("closed", `Waiting for job ${this.id} was aborted`, { cause: options.signal?.reason });
  }

  async output(options: Readonly<{ signal?: AbortSignal | undefined }> = {}): Promise<OutputOf<J>> {
    const result = await this.result(options);
    if (result.ok) return result.output;
    if (result.status === "cancelled") throw new TelltaleError("job_cancelled", `Job ${this.id} was cancelled`);
    throw new TelltaleError("job_failed", `Job ${this.id} failed: ${result.error.code}`, { data: result.error });
  }

  cancel(): Promise<CancelOutcome> {
    return this.#engine.cancel(this.id);
  }

  async *#events(options: WatchOptions): AsyncGenerator<Positioned<JobEvent<J>>, void, undefined> {
    for await (const update of this.#engine.watch(this.id, options)) {
      // Output and progress were parsed with this contract before they were stored.
      const item = toEvent({ id: this.id, kind: this.#kind }, update, APPLICATION) as JobEvent<J>;
      yield { item, position: positionOf(update) };
    }
  }

  async *#chunks(options: WatchOptions): AsyncGenerator<Positioned<JobChunk<J>>, void, undefined> {
    for await (const { chunk, position } of this.#engine.watchChunks(this.id, options)) {
      // Chunks were parsed with this contract before they were stored.
      yield { item: chunk as JobChunk<J>, position };
    }
  }

  async *#lines({ follow = false, ...options }: LogsOptions): AsyncGenerator<Positioned<JobLogLine>, void, undefined> {
    if (follow) {
      for await (const { line, position } of this.#engine.watchLog(this.id, options)) yield { item: line, position };
      return;
    }
    let after = options.after;
    for (let hasMore = true; hasMore && !options.signal?.aborted; ) {
      const read = await this.#engine.find.log(this.id, { after, limit: LINES_PER_CALL });
      if (!read) throw new TelltaleError("not_found", `Job ${JSON.stringify(this.id.slice(0, 100))} does not exist`);
      for (const { line, position } of read.lines) yield { item: line, position };
      after = read.lines.at(-1)?.position;
      hasMore = read.hasMore;
    }
  }
}
