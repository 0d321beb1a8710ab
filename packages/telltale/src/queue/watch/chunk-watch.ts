import { isFinal, type JobStatus, type Logger, TelltaleError } from "../../core/index.js";
import { type ChunkLine, parseChunkLine } from "../record/chunk-line.js";
import { parseFeedMessage } from "../record/feed-line.js";
import { firstLine } from "../redis/redis-error.js";
import { Wake } from "./wake.js";

/** Some chunks in order, and the job's status as it was before they were read. */
export interface ChunkPage {
  readonly status: JobStatus | null;
  readonly lines: readonly ChunkLine[];
}

/** The chunk a reader was given last; its round is not known of a cursor that came from outside. */
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
 * One watcher of a job's streamed output. A chunk that follows the last one is handed on as it is heard; after a hole, a
 * loss, or when the reader is behind, the list in Redis is read from where the reader stands.
 *
 * The status is read before the list: chunks are flushed before the call that settles, so a job that had ended by then
 * has no further ones. A page begins with the chunk the reader stands at: where that is another one (a rerun deleted
 * it, a failover rewrote it, the cursor came from elsewhere), the reader starts from the first.
 */
export class ChunkWatch {
  readonly #id: string;
  readonly #read: (from: number, count: number) => Promise<ChunkPage>;
  readonly #logger: Logger;
  readonly #wake = new Wake();
  #heard: ChunkLine[] = [];
  #given: ChunkCursor;
  #started = false;
  /** Whether the reader's position was found in Redis: what is heard before follows from nothing. */
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
      /** `count` lines of the list from the n-th on, counted from 1. */
      read: (from: number, count: number) => Promise<ChunkPage>;
      logger: Logger;
    }>,
  ) {
    this.#id = id;
    this.#given = options.after ?? START;
    this.#read = options.read;
    this.#logger = options.logger;
  }

  /** ms since something was last heard of the chunks: then the list is looked up. */
  get quietMs(): number {
    return performance.now() - this.#touchedAt;
  }

  /** Hears the channel of chunks. */
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

  /** Hears the job's feed, for the end of the round. */
  readonly feed = {
    message: (text: string): void => {
      const message = parseFeedMessage(text);
      if (message?.type === "transition" && isFinal(message.status)) this.resync();
    },
    resubscribed: (): void => this.resync(),
  };

  /** The channels are acknowledged: reading earlier would lose what is published in between. */
  start(): void {
    this.#started = true;
    this.resync();
  }

  /** Makes the watcher read, whatever it heard. */
  resync(): void {
    this.#touchedAt = performance.now();
    this.#mustRead = true;
    this.#wake.call();
  }

  /** The next chunk, or undefined after the last of the round. Rejects with `not_found` when the job is gone. */
  async next(): Promise<ChunkLine | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      // During a reading the reader stays where the reading began.
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

  /** Ends the watch from outside; a waiting `next` answers undefined. */
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
      this.#failure = new TelltaleError("not_found", `There is no job ${this.#id}`);
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
    // Heard during the reading, and not yet in it.
    const later = this.#heard.filter((line) => line.n > last);
    const isContiguous = later.every((line, i) => line.n === last + 1 + i);
    // A full page may have more behind it: it is read once this one was given.
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
