import type { Positioned } from "./feed-iterator.js";

const MAX_CHUNKS = 512;

/** Chunks that the reader has not taken yet. They cannot be merged, so the subscription pauses at 512 until all are read. */
export class ChunkBox<C> {
  #chunks: Positioned<C>[] = [];

  get isFull(): boolean {
    return this.#chunks.length >= MAX_CHUNKS;
  }

  push(chunk: Positioned<C>): void {
    this.#chunks.push(chunk);
  }

  shift(): Positioned<C> | undefined {
    return this.#chunks.shift();
  }

  clear(): void {
    this.#chunks = [];
  }
}
