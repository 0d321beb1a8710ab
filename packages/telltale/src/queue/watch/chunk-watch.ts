import { isFinal, type JobStatus, type Logger, TelltaleError } from "../../core/index.js";
import { type ChunkLine, parseChunkLine } from "../record/chunk-line.js";
import { parseFeedMessage } from "../record/feed-line.js";
import type { ChannelMessage } from "../redis/channel-message.js";
import { firstLine } from "../redis/redis-error.js";
import { Wake } from "./wake.js";

/** Chunks in order, and the job's status before they were read. */
export interface ChunkPage {
  readonly status: JobStatus | null;
  readonly lines: readonly ChunkLine[];
}

/** The last chunk that the reader received. The round is unknown if the cursor came from a client. */
export interface ChunkCursor {
  readonly n: number;
  readonly at: number;
  readonly round?: number;
}

const KEPT = 64;
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;
const START: ChunkCursor = { n: 0, at: 0, round: 0 };

/**
 * A watcher of a job's streamed output. A chunk that directly follows the last one is delivered when its message arrives. After a gap
 * or a lost connection, or when the reader is behind, the list in Redis is read from the reader's position.
 *
 * The status is read before the list. A worker stores all chunks before it settles the job, so a final status means that the list is
 * complete. Each page starts with the chunk at the reader's position. If that is a different chunk than the reader received (a rerun
 * deleted it, a failover rewrote it, or the cursor belongs to another job), the reader starts again with the first chunk.
 */
export class ChunkWatch {
  readonly #id: string;
  readonly #read: (from: number, count: number) => Promise<ChunkPage>;
  readonly #logger: Logger;
  readonly #wake = new Wake();
  /** Chunks that the reader has not taken yet. */
  #pending: ChunkLine[] = [];
  /** The position of the reader. */
  #taken: ChunkCursor;
  #started = false;
  /** Whether the reader's position was found in Redis. Before that, it is unknown whether a message follows it. */
  #isPlaced = false;
  #mustRead = true;
  #isReading = false;
  #atEnd = false;
  #stopped = false;
  #failure: TelltaleError | null = null;
  #touchedAt = performance.now();

  constructor(
    id: string,
    options: Readonly<{
      after: ChunkCursor | null;
      /** Reads `count` lines of the list, from the line with this number, which starts at 1. */
      read: (from: number, count: number) => Promise<ChunkPage>;
      logger: Logger;
    }>,
  ) {
    this.#id = id;
    this.#taken = options.after ?? START;
    this.#read = options.read;
    this.#logger = options.logger;
  }

  /** The time since the last message about chunks, ms. The hub lets quiet watchers read the list. */
  get quietMs(): number {
    return performance.now() - this.#touchedAt;
  }

  /** The listener for the channel of chunks. */
  readonly chunks = {
    message: (message: ChannelMessage): void => {
      const chunk = message.parsedBy(parseChunkLine);
      this.#touchedAt = performance.now();
      const last: ChunkCursor = this.#pending.at(-1) ?? this.#taken;
      const isNewer = chunk && (chunk.at > last.at || (last.round !== undefined && chunk.round > last.round));
      if (!chunk || (chunk.n <= last.n && !isNewer)) return;
      const isSameRound = last.n === 0 || last.round === undefined || last.round === chunk.round;
      const follows = chunk.n === last.n + 1 && isSameRound && !this.#mustRead;
      if (follows && this.#pending.length < KEPT) this.#pending.push(chunk);
      else this.#mustRead = true;
      this.#wake.call();
    },
    resubscribed: (): void => this.resync(),
  };

  /** The listener for the job's feed, which reports the end of the round. */
  readonly feed = {
    message: ({ text }: ChannelMessage): void => {
      const message = parseFeedMessage(text);
      if (message?.type === "transition" && isFinal(message.status)) this.resync();
    },
    resubscribed: (): void => this.resync(),
  };

  /** Starts reading. Call it once both subscriptions are acknowledged. Messages between an earlier read and that would be missed. */
  start(): void {
    this.#started = true;
    this.resync();
  }

  /** Makes the watcher read the list. */
  resync(): void {
    this.#touchedAt = performance.now();
    this.#mustRead = true;
    this.#wake.call();
  }

  /** Returns the next chunk, or undefined after the last one of the round. Rejects with `not_found` if the job was deleted. */
  async next(): Promise<ChunkLine | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      // The reader's position must not change during a read.
      const chunk = this.#isPlaced && !this.#isReading ? this.#pending.shift() : undefined;
      if (chunk) {
        this.#taken = chunk;
        return chunk;
      }
      if (this.#failure) throw this.#failure;
      if (this.#mustRead && this.#started && !this.#isReading) void this.#catchUp();
      else if (this.#atEnd && !this.#mustRead && !this.#isReading) return undefined;
      await this.#wake.wait();
    }
  }

  /** Ends the watch. A waiting `next` returns undefined. */
  stop(): void {
    this.#stopped = true;
    this.#wake.call();
  }

  async #catchUp(): Promise<void> {
    this.#isReading = true;
    for (let retryMs = MIN_RETRY_MS; !this.#stopped; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      this.#mustRead = false;
      try {
        this.#applyPage(await this.#read(Math.max(this.#taken.n, 1), KEPT + 1));
        break;
      } catch (error) {
        this.#mustRead = true;
        this.#logger.warn({ job: this.#id, error: firstLine(error) }, "reading chunks failed, trying again");
        await new Promise((resolve) => setTimeout(resolve, retryMs * (0.5 + Math.random())).unref());
      }
    }
    this.#isReading = false;
    this.#wake.call();
  }

  #applyPage({ status, lines }: ChunkPage): void {
    if (status === null) {
      this.#failure = new TelltaleError("not_found", `Job ${this.#id} does not exist`);
      return;
    }
    if (this.#taken.n > 0 && !isSame(lines[0], this.#taken)) {
      this.#taken = START;
      this.#pending = [];
      this.#mustRead = true;
      return;
    }
    const read = lines.filter((line) => line.n > this.#taken.n);
    const last = read.at(-1)?.n ?? this.#taken.n;
    // Chunks whose messages arrived during the read, and which are not in the page.
    const later = this.#pending.filter((line) => line.n > last);
    const isContiguous = later.every((line, i) => line.n === last + 1 + i);
    // After a full page there may be more chunks. They are read once the reader has taken this page.
    const isBehind = lines.length > KEPT;
    this.#pending = isContiguous ? [...read, ...later] : read;
    this.#mustRead ||= isBehind || !isContiguous;
    this.#atEnd = isFinal(status) && !isBehind;
    this.#isPlaced = true;
  }
}

function isSame(line: ChunkLine | undefined, cursor: ChunkCursor): boolean {
  if (line?.n !== cursor.n || line.at !== cursor.at) return false;
  return cursor.round === undefined || line.round === cursor.round;
}
