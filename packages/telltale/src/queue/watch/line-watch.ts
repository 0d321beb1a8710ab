import { isFinal, type JobStatus, TelltaleError } from "../../core/index.js";
import { parseFeedMessage } from "../record/feed-line.js";
import type { ChannelMessage } from "../redis/channel-message.js";
import { Wake } from "./wake.js";

/** A stored line: a chunk, or a line of a log. */
export interface Line {
  readonly n: number;
  readonly at: number;
  readonly round: number;
}

/** Lines in order, and the job's status before they were read. */
export interface LinePage<L extends Line> {
  readonly status: JobStatus | null;
  readonly lines: readonly L[];
  /** Whether there may be further lines. Those that are malformed are left out of `lines`. */
  readonly isFull: boolean;
}

/** The last line that the reader received. The round is unknown if the cursor came from a client. */
export interface LineCursor {
  readonly n: number;
  readonly at: number;
  readonly round?: number;
}

/** What is watched: chunks, or the lines of a log. */
export interface LineSource<L extends Line> {
  /** Parses a message of the channel. Returns null if it is malformed. The same function for all watches, so that its result is shared. */
  readonly parse: (text: string) => L | null;
  /** Reads `count` lines of the list, starting with the first one whose number is at least this, which starts at 1. */
  readonly read: (from: number, count: number) => Promise<LinePage<L>>;
  /** Called for each failed read. The watch reads again. */
  readonly onReadFailed: (error: unknown) => void;
  /** Whether the oldest lines are deleted, and numbers may be left out. */
  readonly hasGaps: boolean;
}

const KEPT = 64;
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;
const START: LineCursor = { n: 0, at: 0, round: 0 };

/**
 * A watcher of a job's streamed output or of its log. A line that directly follows the last one is delivered when its message arrives.
 * After a gap or a lost connection, or when the reader is behind, the list in Redis is read from the reader's position.
 *
 * The status is read before the list. A worker stores all lines before it settles the job, so a final status means that the list is
 * complete. Each page starts with the line at the reader's position. If that is a different line than the reader received (a rerun
 * deleted it, a failover rewrote it, or the cursor belongs to another job), the reader starts again with the first line. If the list
 * has gaps, and the line at the reader's position is gone but later ones are there, it was deleted with the oldest lines, and the reader
 * continues.
 */
export class LineWatch<L extends Line> {
  readonly #id: string;
  readonly #source: LineSource<L>;
  readonly #wake = new Wake();
  /** Lines that the reader has not taken yet. */
  #pending: L[] = [];
  /** The position of the reader. */
  #taken: LineCursor;
  #started = false;
  /** Whether the reader's position was found in Redis. Before that, it is unknown whether a message follows it. */
  #isPlaced = false;
  #mustRead = true;
  #isReading = false;
  #atEnd = false;
  #stopped = false;
  #failure: TelltaleError | null = null;
  #touchedAt = performance.now();

  constructor(id: string, source: LineSource<L>, after: LineCursor | null) {
    this.#id = id;
    this.#taken = after ?? START;
    this.#source = source;
  }

  /** The time since the last message about lines, ms. The hub lets quiet watchers read the list. */
  get quietMs(): number {
    return performance.now() - this.#touchedAt;
  }

  /** The listener for the channel of lines. */
  readonly lines = {
    message: (message: ChannelMessage): void => {
      const line = message.parsedBy(this.#source.parse);
      this.#touchedAt = performance.now();
      const last: LineCursor = this.#pending.at(-1) ?? this.#taken;
      const isNewer = line && (line.at > last.at || (last.round !== undefined && line.round > last.round));
      if (!line || (line.n <= last.n && !isNewer)) return;
      const isSameRound = last.n === 0 || last.round === undefined || last.round === line.round;
      const follows = line.n === last.n + 1 && isSameRound && !this.#mustRead;
      if (follows && this.#pending.length < KEPT) this.#pending.push(line);
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

  /** Returns the next line, or undefined after the last one of the round. Rejects with `not_found` if the job was deleted. */
  async next(): Promise<L | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      // The reader's position must not change during a read.
      const line = this.#isPlaced && !this.#isReading ? this.#pending.shift() : undefined;
      if (line) {
        this.#taken = line;
        return line;
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
        this.#applyPage(await this.#source.read(Math.max(this.#taken.n, 1), KEPT + 1));
        break;
      } catch (error) {
        this.#mustRead = true;
        this.#source.onReadFailed(error);
        await new Promise((resolve) => setTimeout(resolve, retryMs * (0.5 + Math.random())).unref());
      }
    }
    this.#isReading = false;
    this.#wake.call();
  }

  #applyPage({ status, lines, isFull }: LinePage<L>): void {
    if (status === null) {
      this.#failure = new TelltaleError("not_found", `Job ${this.#id} does not exist`);
      return;
    }
    if (this.#taken.n > 0 && !this.#continues(lines[0])) {
      this.#taken = START;
      this.#pending = [];
      this.#mustRead = true;
      return;
    }
    const read = lines.filter((line) => line.n > this.#taken.n);
    const last = read.at(-1)?.n ?? this.#taken.n;
    // Lines whose messages arrived during the read, and which are not in the page.
    const later = this.#pending.filter((line) => line.n > last);
    const isContiguous = later.every((line, i) => line.n === last + 1 + i);
    // After a full page there may be more lines. They are read once the reader has taken this page.
    const isBehind = isFull && last > this.#taken.n;
    this.#pending = isContiguous ? [...read, ...later] : read;
    this.#mustRead ||= isBehind || !isContiguous;
    this.#atEnd = isFinal(status) && !isBehind;
    this.#isPlaced = true;
  }

  /** Whether a page that starts with this line continues after the reader's position. */
  #continues(line: L | undefined): boolean {
    const { n, at, round } = this.#taken;
    if (this.#source.hasGaps && line && line.n > n) return true;
    return line?.n === n && line.at === at && (round === undefined || line.round === round);
  }
}
