import type { Positioned } from "./feed-iterator.js";

/** Far more than a slow reader accumulates: a job with 25 attempts, the maximum, has 75 transitions. */
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
 * Events that the reader has not taken yet: each transition in order, and the latest progress report after the last. If there are more
 * than 256, only the newest is kept, marked as `reset`. Each event is a snapshot of the job, so the reader still ends up with the
 * current state. The server does the same.
 */
export class StatusBox<E extends Numbered> {
  #entries: Entry<E>[] = [];
  #seq: number | undefined;
  readonly isFull = false;

  push(positioned: Positioned<E>): void {
    const { item: event } = positioned;
    // Comparing the seq is not enough. Events that go straight to a waiting reader do not pass through this box, and the same seq
    // can return after a failover.
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
