import type { Positioned } from "./feed-iterator.js";

/** What the reader has not taken yet. Each item replaces the one before, because it shows everything as it is now. */
export class LatestBox<T> {
  #latest: Positioned<T> | undefined;
  readonly isFull = false;

  push(positioned: Positioned<T>): void {
    this.#latest = positioned;
  }

  shift(): Positioned<T> | undefined {
    const latest = this.#latest;
    this.#latest = undefined;
    return latest;
  }

  clear(): void {
    this.#latest = undefined;
  }
}
