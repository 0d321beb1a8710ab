import type { z } from "zod";
import { hasCode, LIMITS } from "../../core/index.js";
import type { ChunkBatch } from "../../queue/internal.js";
import { pause, repeatDelayMs } from "../waiting.js";
import { parsedBy } from "./parsed-by.js";
import { persist } from "./persist.js";
import { storable } from "./storable.js";

/** What a stream needs. */
export interface ChunkStreamOptions {
  readonly schema: z.ZodType | undefined;
  readonly send: (batch: Pick<ChunkBatch, "first" | "pieces">) => Promise<"stored" | "truncated">;
  readonly onLeaseLost: () => void;
  /** Gives up what was not sent. */
  readonly signal: AbortSignal;
  /** Hears of each piece that could not be sent. */
  readonly onDropped: (error: unknown) => void;
}

const WAIT_MS = 50;
/** A call is not put off once this much waits, and carries little more. */
const BATCH_BYTES = 32 * 1024;
const BATCH_PIECES = 200;
/** What a watcher is shown where pieces were dropped. */
const MARK = "";

/** The streamed output of one attempt: complete, in order, one call at a time; what had to be dropped leaves a mark. */
export class ChunkStream {
  readonly #options: ChunkStreamOptions;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #acceptedBytes = 0;
  #sent = 0;
  #timer: NodeJS.Timeout | null = null;
  #draining: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: ChunkStreamOptions) {
    this.#options = options;
  }

  /** Never throws: it is called from callbacks, where an error would end the process. */
  write(value: unknown): void {
    // Past a job's limit the piece that crossed it is the last one sent: Redis marks the end, and nothing piles up here.
    if (this.#isClosed || this.#acceptedBytes > LIMITS.jobChunkBytes) return;
    let piece: string;
    try {
      piece = storable("chunk", parsedBy(this.#options.schema, value), LIMITS.chunkBytes);
    } catch (error) {
      this.#options.onDropped(error);
      piece = MARK;
    }
    if (piece === MARK && this.#waiting.at(-1) === MARK) return;
    const bytes = Buffer.byteLength(piece);
    this.#waiting.push(piece);
    this.#waitingBytes += bytes;
    this.#acceptedBytes += bytes;
    if (this.#waitingBytes >= BATCH_BYTES) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), WAIT_MS);
  }

  /** Takes no more, and resolves when everything was sent or given up. Never rejects. */
  async flush(): Promise<void> {
    this.#isClosed = true;
    while (this.#waiting.length > 0 || this.#draining) {
      this.#start();
      await this.#draining;
    }
  }

  #start(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null;
      // Written after the last look: nobody else would start again.
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#start(), WAIT_MS);
    });
  }

  async #drain(): Promise<void> {
    for (let refusals = 0; this.#waiting.length > 0; ) {
      const pieces = this.#batch();
      const batch = { first: this.#sent + 1, pieces };
      this.#sent += pieces.length;
      try {
        const word = await persist(() => this.#options.send(batch), this.#options.signal);
        if (word === "truncated") this.#end();
      } catch (error) {
        if (!hasCode(error, "redis_full")) {
          this.#end();
          if (hasCode(error, "lease_lost")) this.#options.onLeaseLost();
          return;
        }
        // A full Redis drops chunks, not jobs. At the end one more try for the mark is all there is time for.
        if (this.#isClosed && pieces.every((piece) => piece === MARK)) return;
        this.#waiting.unshift(MARK);
        if (!this.#isClosed) await pause(repeatDelayMs(refusals++), this.#options.signal);
      }
    }
  }

  #batch(): string[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && count < BATCH_PIECES && bytes < BATCH_BYTES) {
      bytes += Buffer.byteLength(this.#waiting[count] ?? MARK);
      count += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  #end(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
