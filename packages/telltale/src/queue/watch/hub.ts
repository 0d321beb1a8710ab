import { kindOfJobId, type Logger, type Position, parsePosition } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import { onAbort } from "../../core/internal.js";
import { type ChunkLine, parseChunkLine } from "../record/chunk-line.js";
import { parseLinePosition } from "../record/line-position.js";
import { type LogLine, parseLogLine } from "../record/log-line.js";
import { parseStateLine, type StateLine } from "../record/record-lines.js";
import type { Connection } from "../redis/commands.js";
import type { ConnectionOptions } from "../redis/connection-options.js";
import type { ConnectionWatch } from "../redis/connection-watch.js";
import type { QueueKeys } from "../redis/keys.js";
import { firstLine } from "../redis/redis-error.js";
import { type ChannelListener, type Listening, Subscriber } from "../redis/subscriber.js";
import type { JobRecord } from "../scripts/reading/read.js";
import { FeedWatch } from "./feed-watch.js";
import type { JobUpdate } from "./job-update.js";
import { type Line, type LineCursor, type LinePage, type LineSource, LineWatch } from "./line-watch.js";

/** The options of a watch. */
export interface HubWatchOptions {
  /** The tracked id of the last event or chunk that was received. The watch continues after it. @default the start of the round */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The record of a job that has ended, if it was just read. Then nothing is subscribed or read. */
  readonly ended?: JobRecord | undefined;
  /**
   * Takes an update while the reader waits for it. Returns false if the reader has to take it. All watchers of a job get the same object
   * for the same message, so what is made from it can be shared.
   */
  readonly handOver?: ((update: JobUpdate) => boolean) | undefined;
}

interface Watched {
  readonly keys: QueueKeys;
  readonly watch: FeedWatch;
}

/** Reads lines of a job's log, starting with the first one whose number is at least `from`. */
type ReadLog = (
  keys: QueueKeys,
  id: string,
  page: Readonly<{ from: number; count: number }>,
) => Promise<LinePage<LogLine>>;

const POSITION_CHECK_MS = 5_000;
// Looks for quiet watchers this many times per period, so that none of them waits much longer than the period for its check.
const CHECKS_PER_PERIOD = 10;
const POSITIONS_PER_CALL = 500;

/**
 * Watches jobs for a whole process over one subscriber connection. Pub/sub may lose messages, so it only signals that something
 * changed. What a watcher receives depends on its position. Missed updates are read from the job's record: after a gap between
 * messages, after each reconnect, and when a periodic check finds that the position of a quiet watcher is behind.
 */
export class Hub {
  readonly #commands: Connection;
  readonly #subscriber: Subscriber;
  readonly #logger: Logger;
  readonly #observe: Observe | undefined;
  readonly #read: (keys: QueueKeys, id: string) => Promise<JobRecord | null>;
  readonly #readLog: ReadLog;
  readonly #watched = new Set<Watched>();
  readonly #lineWatches = new Set<Pick<LineWatch<Line>, "quietMs" | "resync" | "stop">>();
  readonly #checkMs: number;
  #check: NodeJS.Timeout | null = null;
  #isChecking = false;

  constructor(
    options: Readonly<{
      commands: Connection;
      connection: ConnectionOptions;
      read: (keys: QueueKeys, id: string) => Promise<JobRecord | null>;
      readLog: ReadLog;
      logger: Logger;
      observe: Observe | undefined;
      connections: ConnectionWatch;
      positionCheckMs?: number | undefined;
    }>,
  ) {
    this.#commands = options.commands;
    this.#subscriber = new Subscriber(options.connection, options);
    this.#logger = options.logger;
    this.#observe = options.observe;
    this.#read = options.read;
    this.#readLog = options.readLog;
    this.#checkMs = options.positionCheckMs ?? POSITION_CHECK_MS;
  }

  /** The number of open watches and of subscribed channels. Both are 0 five seconds after the last watcher left. */
  get load(): { readonly watchers: number; readonly channels: number } {
    return { watchers: this.#watched.size + this.#lineWatches.size, channels: this.#subscriber.channels };
  }

  /** Yields every change of a job after `after`, once and in order. Ends with the round or the signal. Rejects with `not_found`. */
  async *watch(keys: QueueKeys, id: string, options: HubWatchOptions = {}): AsyncGenerator<JobUpdate, void, undefined> {
    const watch = new FeedWatch(id, {
      after: position(options.after),
      handOver: options.handOver,
      read: () => this.#read(keys, id),
      logger: this.#logger,
      onRepair: (repair) =>
        this.#observe?.({ type: "watch.repaired", kind: kindOfJobId(id) ?? "", queue: keys.queue, id, ...repair }),
    });
    const stop = (): void => watch.stop();
    if (options.signal?.aborted) return;
    if (options.ended) watch.begin(options.ended);
    const listening = watch.isOver ? null : this.#subscriber.listen(keys.feed(id), watch);
    const forget = onAbort(options.signal, stop);
    const watched = { keys, watch };
    this.#watched.add(watched);
    this.#startChecking();
    try {
      // Messages between an earlier read and the acknowledgement would be missed.
      void listening?.acknowledged.then(() => watch.start());
      for (let update = await watch.next(); update; update = await watch.next()) yield update;
    } finally {
      forget();
      watch.stop();
      this.#watched.delete(watched);
      listening?.close();
    }
  }

  /** Yields a job's streamed output after `after`, in order. Ends with the round or the signal. Rejects with `not_found`. */
  watchChunks(keys: QueueKeys, id: string, options?: HubWatchOptions): AsyncGenerator<ChunkLine, void, undefined> {
    const source: LineSource<ChunkLine> = {
      parse: parseChunkLine,
      read: (from, count) => this.#readChunks(keys.chunks(id), keys.job(id), { from, count }),
      onReadFailed: (error) =>
        this.#logger.warn({ job: id, error: firstLine(error) }, "reading chunks failed, trying again"),
      hasGaps: false,
    };
    return this.#watchLines(source, { id, channel: keys.chunks(id), feed: keys.feed(id) }, options);
  }

  /** Yields the lines of a job's log after `after`, in order. Ends with the round or the signal. Rejects with `not_found`. */
  watchLog(keys: QueueKeys, id: string, options?: HubWatchOptions): AsyncGenerator<LogLine, void, undefined> {
    const source: LineSource<LogLine> = {
      parse: parseLogLine,
      read: (from, count) => this.#readLog(keys, id, { from, count }),
      onReadFailed: (error) =>
        this.#logger.warn({ job: id, error: firstLine(error) }, "reading a log failed, trying again"),
      hasGaps: true,
    };
    return this.#watchLines(source, { id, channel: keys.logs(id), feed: keys.feed(id) }, options);
  }

  async *#watchLines<L extends Line>(
    source: LineSource<L>,
    { id, channel, feed }: Readonly<{ id: string; channel: string; feed: string }>,
    { after, signal }: HubWatchOptions = {},
  ): AsyncGenerator<L, void, undefined> {
    if (signal?.aborted) return;
    const watch = new LineWatch<L>(id, source, lineCursor(after));
    const listenings = [this.#subscriber.listen(channel, watch.lines), this.#subscriber.listen(feed, watch.feed)];
    const forget = onAbort(signal, () => watch.stop());
    this.#lineWatches.add(watch);
    this.#startChecking();
    try {
      void Promise.all(listenings.map((listening) => listening.acknowledged)).then(() => watch.start());
      for (let line = await watch.next(); line; line = await watch.next()) yield line;
    } finally {
      forget();
      watch.stop();
      this.#lineWatches.delete(watch);
      for (const listening of listenings) listening.close();
    }
  }

  /** Calls back when a running job of the queue is cancelled. Messages may be lost, but `extend` reports cancels too. */
  onCancel(keys: QueueKeys, cancelled: (id: string, fence: number) => void): Listening {
    return this.#subscriber.listen(keys.control, {
      message: ({ text }) => {
        const [word, id, fence] = text.split("\n");
        if (word === "cancel" && id !== undefined && fence !== undefined) cancelled(id, Number(fence));
      },
      resubscribed: () => {
        // If a message was missed, the next `extend` reports the cancel.
      },
    });
  }

  /** Calls the listener for each message of a channel, over the connection of this process. */
  listen(channel: string, listener: ChannelListener): Listening {
    return this.#subscriber.listen(channel, listener);
  }

  /** Ends all watches. Safe to call twice. */
  close(): void {
    if (this.#check) clearInterval(this.#check);
    for (const { watch } of this.#watched) watch.stop();
    for (const watch of this.#lineWatches) watch.stop();
    this.#subscriber.close();
  }

  #startChecking(): void {
    if (this.#check) return;
    const everyMs = (this.#checkMs / CHECKS_PER_PERIOD) * (0.9 + Math.random() * 0.2);
    this.#check = setInterval(() => void this.#checkPositions(), everyMs);
    this.#check.unref();
  }

  // If the last message was lost, there is no later one that reveals a gap. Only this check detects it.
  async #checkPositions(): Promise<void> {
    if (this.load.watchers === 0 && this.#check) {
      clearInterval(this.#check);
      this.#check = null;
    }
    for (const watch of this.#lineWatches) if (watch.quietMs >= this.#checkMs) watch.resync();
    if (this.#isChecking) return;
    const quiet = [...this.#watched].filter(({ watch }) => watch.quietMs >= this.#checkMs && !watch.isOver);
    this.#isChecking = true;
    try {
      for (let i = 0; i < quiet.length; i += POSITIONS_PER_CALL)
        await this.#compare(quiet.slice(i, i + POSITIONS_PER_CALL));
    } catch (error) {
      this.#logger.warn({ error: firstLine(error) }, "checking positions failed");
    } finally {
      this.#isChecking = false;
    }
  }

  async #compare(quiet: readonly Watched[]): Promise<void> {
    const pipeline = this.#commands.pipeline();
    for (const { keys, watch } of quiet) pipeline.hget(keys.job(watch.jobId), "state");
    const replies = (await pipeline.exec()) ?? [];
    for (const [i, { watch }] of quiet.entries()) {
      const [error, stored] = replies[i] ?? [];
      if (error) continue;
      const at: Position | null = watch.position;
      const now = typeof stored === "string" ? stateOf(stored) : null;
      if (at && now && now.at === at.epoch && now.seq === at.seq && now.rev === at.rev) watch.confirm();
      else watch.resync("position_check");
    }
  }

  async #readChunks(
    list: string,
    job: string,
    { from, count }: Readonly<{ from: number; count: number }>,
  ): Promise<LinePage<ChunkLine>> {
    const pipeline = this.#commands.pipeline();
    pipeline.hget(job, "state");
    pipeline.lrange(list, from - 1, from + count - 2);
    const replies = await pipeline.exec();
    const [stateError, state] = replies?.[0] ?? [];
    const [linesError, lines] = replies?.[1] ?? [];
    if (stateError || linesError || !Array.isArray(lines)) throw stateError ?? linesError ?? new Error("no reply");
    return {
      status: (typeof state === "string" && stateOf(state)?.status) || null,
      lines: lines.flatMap((line) => parseChunkLine(String(line)) ?? []),
      isFull: lines.length === count,
    };
  }
}

// A watch with a malformed cursor starts with the first line, like one with a cursor from another history.
function lineCursor(after: string | undefined): LineCursor | null {
  const cursor = after === undefined ? null : parseLinePosition(after);
  return cursor && cursor.n > 0 ? cursor : null;
}

function position(after: string | undefined): Position | null {
  if (after === undefined) return null;
  // The watcher has seen events, although its cursor is malformed, so it gets a snapshot with `reset`.
  return parsePosition(after) ?? { epoch: 0, seq: 0, rev: 0 };
}

/** Parses a job's state. Returns null if it is malformed. */
function stateOf(text: string): StateLine | null {
  try {
    return parseStateLine(text);
  } catch {
    return null;
  }
}
