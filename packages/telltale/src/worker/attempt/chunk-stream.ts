import type { z } from "zod";
import { hasCode, LIMITS } from "../../core/index.js";
import type { ChunkBatch } from "../../queue/internal.js";
import type { AbortOnDemand } from "../abort-on-demand.js";
import { pause, repeatDelayMs } from "../waiting.js";
import { parsedBy } from "./parsed-by.js";
import { persist } from "./persist.js";
import { storable } from "./storable.js";

export interface ChunkStreamOptions {
  readonly schema: z.ZodType | undefined;
  readonly send: (batch: Pick<ChunkBatch, "first" | "pieces">) => Promise<"stored" | "truncated">;
  readonly onLeaseLost: () => void;
  /** Discards unsent chunks when it aborts. */
  readonly giveUp: AbortOnDemand;
  /** Called for each chunk that could not be sent. */
  readonly onDropped: (error: unknown) => void;
}

const WAIT_MS = 50;
/** A batch of this size is sent without further delay. It may exceed the size by a little. */
const BATCH_BYTES = 32 * 1024;
const BATCH_PIECES = 200;
/** Shown to watchers in place of dropped chunks. */
const MARK = "";

/** Sends the chunks of one attempt in order, one call at a time. Dropped chunks are replaced by a mark. */
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

  /** Never throws, because it is called from callbacks, where an error would crash the process. */
  write(value: unknown): void {
    // The chunk that exceeds the job's limit is the last one sent. Redis marks the end, and nothing piles up here.
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

  /** Accepts no more chunks and resolves once all were sent or discarded. Never rejects. */
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
      // Chunks that were written after the last batch would otherwise never be sent.
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#start(), WAIT_MS);
    });
  }

  async #drain(): Promise<void> {
    for (let refusals = 0; this.#waiting.length > 0; ) {
      const pieces = this.#batch();
      const batch = { first: this.#sent + 1, pieces };
      this.#sent += pieces.length;
      try {
        const word = await persist(() => this.#options.send(batch), this.#options.giveUp);
        if (word === "truncated") this.#end();
      } catch (error) {
        if (!hasCode(error, "redis_full")) {
          this.#end();
          if (hasCode(error, "lease_lost")) this.#options.onLeaseLost();
          return;
        }
        // If Redis is full, chunks are dropped rather than the job. At the end there is only time to try the mark once
        // more.
        if (this.#isClosed && pieces.every((piece) => piece === MARK)) return;
        this.#waiting.unshift(MARK);
        if (!this.#isClosed) await pause(repeatDelayMs(refusals++), this.#options.giveUp.signal);
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
