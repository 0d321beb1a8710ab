import { JOB_STATUSES, type JobStatus, type Logger, type Position, parsePosition } from "@telltale/core";
import type { Redis } from "ioredis";
import type { JobRecord } from "./actions/read.js";
import { type ChunkLine, parseChunkLine, parseChunkPosition } from "./chunk-line.js";
import { type ChunkPage, ChunkWatch } from "./chunk-watch.js";
import type { ConnectionOptions } from "./connection.js";
import { FeedWatch } from "./feed-watch.js";
import type { JobUpdate } from "./job-update.js";
import type { QueueKeys } from "./keys.js";
import { firstLine } from "./redis-error.js";
import { type Listening, Subscriber } from "./subscriber.js";

/** How a watcher begins and ends. */
export interface HubWatchOptions {
  /** A tracked id: go on after it. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Watched {
  readonly keys: QueueKeys;
  readonly watch: FeedWatch;
}

const POSITION_CHECK_MS = 5_000;
const POSITIONS_A_CALL = 500;

/**
 * Watches jobs for a whole process over one subscribing connection. Pub/sub may lose any message, so it is only what
 * wakes: what a watcher is given follows from positions, and is repaired from the job's record after a hole, after every
 * reconnect, and by looking up the positions of watchers that have been quiet.
 */
export class Hub {
  readonly #commands: Redis;
  readonly #subscriber: Subscriber;
  readonly #logger: Logger;
  readonly #read: (keys: QueueKeys, id: string) => Promise<JobRecord | null>;
  readonly #watched = new Set<Watched>();
  readonly #chunkWatches = new Set<ChunkWatch>();
  readonly #checkMs: number;
  #check: NodeJS.Timeout | null = null;

  constructor(
    options: Readonly<{
      commands: Redis;
      connection: ConnectionOptions;
      read: (keys: QueueKeys, id: string) => Promise<JobRecord | null>;
      logger: Logger;
      positionCheckMs?: number | undefined;
    }>,
  ) {
    this.#commands = options.commands;
    this.#subscriber = new Subscriber(options.connection, options.logger);
    this.#logger = options.logger;
    this.#read = options.read;
    this.#checkMs = options.positionCheckMs ?? POSITION_CHECK_MS;
  }

  /** Open watches and held channels: both 0 after everybody left (and five seconds passed). */
  get load(): { readonly watchers: number; readonly channels: number } {
    return { watchers: this.#watched.size + this.#chunkWatches.size, channels: this.#subscriber.channels };
  }

  /** Every change of a job once and in order, from `after` on; ends with the round. Rejects with `not_found`. */
  async *watch(keys: QueueKeys, id: string, options: HubWatchOptions = {}): AsyncGenerator<JobUpdate, void, undefined> {
    const watch = new FeedWatch(id, {
      after: position(options.after),
      read: () => this.#read(keys, id),
      logger: this.#logger,
    });
    const stop = (): void => watch.stop();
    if (options.signal?.aborted) return;
    options.signal?.addEventListener("abort", stop, { once: true });
    const listening = this.#subscriber.listen(keys.feed(id), watch);
    const watched = { keys, watch };
    this.#watched.add(watched);
    this.#startChecking();
    try {
      // Reading before the acknowledgement would lose what is published in between.
      void listening.acknowledged.then(() => watch.resync());
      for (let update = await watch.next(); update; update = await watch.next()) yield update;
    } finally {
      options.signal?.removeEventListener("abort", stop);
      watch.stop();
      this.#watched.delete(watched);
      listening.close();
    }
  }

  /** A job's streamed output in order, from `after` on; ends with the round. Rejects with `not_found`. */
  async *watchChunks(
    keys: QueueKeys,
    id: string,
    options: HubWatchOptions = {},
  ): AsyncGenerator<ChunkLine, void, undefined> {
    if (options.signal?.aborted) return;
    const watch = new ChunkWatch(id, {
      after: await this.#chunkCursor(keys, id, options.after),
      read: (after) => this.#readChunks(keys, id, after),
      logger: this.#logger,
    });
    const stop = (): void => watch.stop();
    options.signal?.addEventListener("abort", stop, { once: true });
    const listenings = [
      this.#subscriber.listen(keys.chunks(id), watch.chunks),
      this.#subscriber.listen(keys.feed(id), watch.feed),
    ];
    this.#chunkWatches.add(watch);
    this.#startChecking();
    try {
      void Promise.all(listenings.map((listening) => listening.acknowledged)).then(() => watch.start());
      for (let chunk = await watch.next(); chunk; chunk = await watch.next()) yield chunk;
    } finally {
      options.signal?.removeEventListener("abort", stop);
      watch.stop();
      this.#chunkWatches.delete(watch);
      for (const listening of listenings) listening.close();
    }
  }

  /** Hears of cancels of a queue's running jobs. A message may be lost: `extend` answers the same. */
  onCancel(keys: QueueKeys, cancelled: (id: string, fence: number) => void): Listening {
    return this.#subscriber.listen(keys.control, {
      message: (text) => {
        const [word, id, fence] = text.split("\n");
        if (word === "cancel" && id !== undefined && fence !== undefined) cancelled(id, Number(fence));
      },
      resubscribed: () => {
        // The next extend tells.
      },
    });
  }

  /** Ends every watch. Safe to call twice. */
  close(): void {
    if (this.#check) clearInterval(this.#check);
    for (const { watch } of this.#watched) watch.stop();
    for (const watch of this.#chunkWatches) watch.stop();
    this.#subscriber.close();
  }

  #startChecking(): void {
    if (this.#check) return;
    this.#check = setInterval(() => void this.#checkPositions(), this.#checkMs * (0.9 + Math.random() * 0.2));
    this.#check.unref();
  }

  // It alone finds a lost *last* event, which leaves no hole.
  async #checkPositions(): Promise<void> {
    const quiet = [...this.#watched].filter(({ watch }) => watch.quietMs >= this.#checkMs && !watch.isOver);
    for (const watch of this.#chunkWatches) if (watch.takeQuiet()) watch.resync();
    if (this.load.watchers === 0 && this.#check) {
      clearInterval(this.#check);
      this.#check = null;
    }
    try {
      for (let i = 0; i < quiet.length; i += POSITIONS_A_CALL)
        await this.#compare(quiet.slice(i, i + POSITIONS_A_CALL));
    } catch (error) {
      this.#logger.warn({ error: firstLine(error) }, "checking positions failed");
    }
  }

  async #compare(quiet: readonly Watched[]): Promise<void> {
    const pipeline = this.#commands.pipeline();
    for (const { keys, watch } of quiet) pipeline.hmget(keys.job(watch.jobId), "at", "seq", "rev");
    const replies = (await pipeline.exec()) ?? [];
    for (const [i, { watch }] of quiet.entries()) {
      const [error, stored] = replies[i] ?? [];
      if (error || !Array.isArray(stored)) continue;
      const at: Position | null = watch.position;
      if (!at || String(stored) !== `${at.epoch},${at.seq},${at.rev}`) watch.resync();
    }
  }

  // A cursor of another history, or of chunks a rerun deleted, starts from the first.
  async #chunkCursor(keys: QueueKeys, id: string, after: string | undefined): Promise<number> {
    const cursor = after === undefined ? null : parseChunkPosition(after);
    if (!cursor || cursor.n === 0) return 0;
    const line = await this.#commands.lindex(keys.chunks(id), cursor.n - 1).catch(() => null);
    return line !== null && parseChunkLine(line)?.at === cursor.epoch ? cursor.n : 0;
  }

  async #readChunks(keys: QueueKeys, id: string, after: number): Promise<ChunkPage> {
    const replies = await this.#commands
      .pipeline()
      .hget(keys.job(id), "status")
      .lrange(keys.chunks(id), after, after + ChunkWatch.pageSize - 1)
      .exec();
    const [statusError, status] = replies?.[0] ?? [];
    const [linesError, lines] = replies?.[1] ?? [];
    if (statusError || linesError || !Array.isArray(lines)) throw statusError ?? linesError ?? new Error("no reply");
    return {
      status: isStatus(status) ? status : null,
      lines: lines.flatMap((line) => parseChunkLine(String(line)) ?? []),
    };
  }
}

function position(after: string | undefined): Position | null {
  if (after === undefined) return null;
  // A cursor nobody can read is not "no cursor": the watcher believes that it has seen something.
  return parsePosition(after) ?? { epoch: 0, seq: 0, rev: 0 };
}

function isStatus(word: unknown): word is JobStatus {
  return JOB_STATUSES.some((status) => status === word);
}
