import type { Positioned } from "./feed-iterator.js";

/** Far more transitions than a slow reader meets: 25 attempts make 75. */
const MAX_TRANSITIONS = 256;

interface Numbered {
  readonly seq: number;
  readonly rev: number;
  readonly reset?: true;
}

interface Entry<E> {
  readonly positioned: Positioned<E>;
  readonly isTransition: boolean;
}

/**
 * What a reader has not fetched yet, bounded like the server's own: every transition in order and the latest report
 * after them. Past 256 transitions only the newest is kept, marked as `reset`; an event is a snapshot by itself.
 */
export class StatusBox<E extends Numbered> {
  #entries: Entry<E>[] = [];
  #seq: number | undefined;
  readonly isFull = false;

  push(positioned: Positioned<E>): void {
    const { item: event } = positioned;
    // The seq alone does not tell: a reader that waits is given events past the box, and history may have been rewritten.
    const isTransition = event.rev === 0 || event.seq !== this.#seq || event.reset === true;
    this.#seq = event.seq;
    if (this.#entries.at(-1)?.isTransition === false) this.#entries.pop();
    this.#entries.push({ positioned, isTransition });
    if (this.#entries.length > MAX_TRANSITIONS) {
      this.#entries = [{ positioned: { ...positioned, item: { ...event, reset: true } }, isTransition: true }];
    }
  }

  shift(): Positioned<E> | undefined {
    return this.#entries.shift()?.positioned;
  }

  clear(): void {
    this.#entries = [];
  }
}
