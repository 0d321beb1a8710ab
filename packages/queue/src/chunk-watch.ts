import { isFinal, type JobStatus, type Logger, TelltaleError } from "@telltale/core";
import { type ChunkLine, parseChunkLine } from "./chunk-line.js";
import { parseFeedMessage } from "./feed-line.js";
import { firstLine } from "./redis-error.js";
import { Wake } from "./wake.js";

/** Some chunks in order, and the job's status as it was before they were read. */
export interface ChunkPage {
  readonly status: JobStatus | null;
  readonly lines: readonly ChunkLine[];
}

const KEPT = 64;
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;

/**
 * One watcher of a job's streamed output. A chunk that follows the last one is handed on as it is heard; after a hole, a
 * loss, or when the reader is behind, the list in Redis is read from where the reader stands.
 *
 * The status is read before the list: chunks are flushed before the call that settles, so a job that had ended by then
 * has no further ones.
 */
export class ChunkWatch {
  readonly #id: string;
  readonly #read: (after: number) => Promise<ChunkPage>;
  readonly #logger: Logger;
  readonly #wake = new Wake();
  #heard: ChunkLine[] = [];
  #given: number;
  #started = false;
  #mustRead = true;
  #isQuiet = false;
  #atEnd = false;
  #stopped = false;

  constructor(
    id: string,
    options: Readonly<{ after: number; read: (after: number) => Promise<ChunkPage>; logger: Logger }>,
  ) {
    this.#id = id;
    this.#given = options.after;
    this.#read = options.read;
    this.#logger = options.logger;
  }

  /** Hears the channel of chunks. */
  readonly chunks = {
    message: (text: string): void => {
      const chunk = parseChunkLine(text);
      this.#isQuiet = false;
      const last = this.#heard.at(-1)?.n ?? this.#given;
      if (!chunk || chunk.n <= last) return;
      if (chunk.n === last + 1 && this.#heard.length < KEPT && !this.#mustRead) this.#heard.push(chunk);
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

  /** Whether nothing was heard since this was last asked: then the list is looked up. */
  takeQuiet(): boolean {
    const quiet = this.#started && this.#isQuiet;
    this.#isQuiet = true;
    return quiet;
  }

  /** Makes the watcher read, whatever it heard. */
  resync(): void {
    this.#mustRead = true;
    this.#wake.call();
  }

  /** The next chunk, or undefined after the last of the round. Rejects with `not_found` when the job is gone. */
  async next(): Promise<ChunkLine | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      const chunk = this.#heard.shift();
      if (chunk) {
        this.#given = chunk.n;
        return chunk;
      }
      if (this.#mustRead && this.#started) await this.#catchUp();
      else if (this.#atEnd) return undefined;
      else await this.#wake.wait();
    }
  }

  /** Ends the watch from outside. */
  stop(): void {
    this.#stopped = true;
    this.#wake.call();
  }

  async #catchUp(): Promise<void> {
    for (let retryMs = MIN_RETRY_MS; !this.#stopped; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      this.#mustRead = false;
      try {
        const page = await this.#read(this.#given);
        if (page.status === null) throw new TelltaleError("not_found", `There is no job ${this.#id}`);
        this.#heard = page.lines.filter((line) => line.n > this.#given);
        // A full page may have more behind it.
        this.#mustRead ||= this.#heard.length >= KEPT;
        this.#atEnd = isFinal(page.status) && !this.#mustRead;
        return;
      } catch (error) {
        if (error instanceof TelltaleError && error.code === "not_found") throw error;
        this.#mustRead = true;
        this.#logger.warn({ job: this.#id, error: firstLine(error) }, "reading chunks failed, trying again");
        await new Promise((resolve) => setTimeout(resolve, retryMs * (0.5 + Math.random())).unref());
      }
    }
  }

  /** How many chunks one reading asks for. */
  static readonly pageSize = KEPT;
}
