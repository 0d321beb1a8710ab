import { isFinal, type JobStatus, type Logger, TelltaleError } from "../../core/index.js";
import { type ChunkLine, parseChunkLine } from "../record/chunk-line.js";
import { parseFeedMessage } from "../record/feed-line.js";
import { firstLine } from "../redis/redis-error.js";
import { Wake } from "./wake.js";

/** Chunks in order, and the job's status before they were read. */
export interface ChunkPage {
  readonly status: JobStatus | null;
  readonly lines: readonly ChunkLine[];
}

/** The last chunk that the reader got. The round is unknown if the cursor came from a client. */
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
 * A watcher of a job's streamed output. A chunk that directly follows the last one is passed on when its message arrives. After a
 * gap or a lost connection, or when the reader is behind, the list in Redis is read from the reader's position.
 *
 * The status is read before the list. Chunks are flushed before the job is settled, so a job that had ended by then has no further
 * ones. A page starts with the chunk at the reader's position. If that is a different chunk (a rerun deleted it, a failover rewrote
 * it, or the cursor is foreign), the reader starts again with the first.
 */
export class ChunkWatch {
  readonly #id: string;
  readonly #read: (from: number, count: number) => Promise<ChunkPage>;
  readonly #logger: Logger;
  readonly #wake = new Wake();
  #heard: ChunkLine[] = [];
  #given: ChunkCursor;
  #started = false;
  /** Whether the reader's position was found in Redis. Messages before that cannot be applied. */
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
    this.#given = options.after ?? START;
    this.#read = options.read;
    this.#logger = options.logger;
  }

  /** The time since the last message about the chunks, ms. After a while the list is read. */
  get quietMs(): number {
    return performance.now() - this.#touchedAt;
  }

  /** Listens to the channel of chunks. */
  readonly chunks = {
    message: (text: string): void => {
      const chunk = parseChunkLine(text);
      this.#touchedAt = performance.now();
      const last: ChunkCursor = this.#heard.at(-1) ?? this.#given;
      const isNewer = chunk && (chunk.at > last.at || (last.round !== undefined && chunk.round > last.round));
      if (!chunk || (chunk.n <= last.n && !isNewer)) return;
      const isSameRound = last.n === 0 || last.round === undefined || last.round === chunk.round;
      const follows = chunk.n === last.n + 1 && isSameRound && !this.#mustRead;
      if (follows && this.#heard.length < KEPT) this.#heard.push(chunk);
      else this.#mustRead = true;
      this.#wake.call();
    },
    resubscribed: (): void => this.resync(),
  };

  /** Listens to the job's feed, for the end of the round. */
  readonly feed = {
    message: (text: string): void => {
      const message = parseFeedMessage(text);
      if (message?.type === "transition" && isFinal(message.status)) this.resync();
    },
    resubscribed: (): void => this.resync(),
  };

  /** Starts reading. Call it once the channels are acknowledged, because earlier reads could miss messages in between. */
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
      // During a read, the reader's position must not change.
      const chunk = this.#isPlaced && !this.#isReading ? this.#heard.shift() : undefined;
      if (chunk) {
        this.#given = chunk;
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
        this.#level(await this.#read(Math.max(this.#given.n, 1), KEPT + 1));
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

  #level({ status, lines }: ChunkPage): void {
    if (status === null) {
      this.#failure = new TelltaleError("not_found", `Job ${this.#id} does not exist`);
      return;
    }
    if (this.#given.n > 0 && !isSame(lines[0], this.#given)) {
      this.#given = START;
      this.#heard = [];
      this.#mustRead = true;
      return;
    }
    const read = lines.filter((line) => line.n > this.#given.n);
    const last = read.at(-1)?.n ?? this.#given.n;
    // Messages that arrived during the read and are not part of it.
    const later = this.#heard.filter((line) => line.n > last);
    const isContiguous = later.every((line, i) => line.n === last + 1 + i);
    // A full page may have more behind it, which is read once this page was taken.
    const isBehind = lines.length > KEPT;
    this.#heard = isContiguous ? [...read, ...later] : read;
    this.#mustRead ||= isBehind || !isContiguous;
    this.#atEnd = isFinal(status) && !isBehind;
    this.#isPlaced = true;
  }
}

function isSame(line: ChunkLine | undefined, cursor: ChunkCursor): boolean {
  if (line?.n !== cursor.n || line.at !== cursor.at) return false;
  return cursor.round === undefined || line.round === cursor.round;
}
