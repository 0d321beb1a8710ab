import { backoffMs } from "../backoff.js";

/** A socket that lived less than this was not accepted: a server that has something against it closes it at once. */
const ACCEPTED_MS = 1_000;
const SPREAD_MS = 500;
const HAND_OFF_SPREAD_MS = 3_000;

/**
 * How long a lost WebSocket waits before it is opened again. tRPC counts tries that fail to connect, but before 11.25 no
 * connection that is accepted and closed at once, and would open the next one without pause.
 */
export class ReconnectDelay {
  #openedAt = Number.NEGATIVE_INFINITY;
  #shortLived = 0;

  /** A socket opened. */
  opened(): void {
    this.#openedAt = performance.now();
  }

  /** Before try n, from 0; `isHandOff` when the server only asked for another socket, and this one still serves. */
  delayMs(n: number, isHandOff: boolean): number {
    if (n === 0) {
      const isShortLived = !isHandOff && performance.now() - this.#openedAt < ACCEPTED_MS;
      this.#shortLived = isShortLived ? this.#shortLived + 1 : 0;
    }
    const tries = Math.max(n, this.#shortLived - 1);
    if (tries > 0) return backoffMs(tries);
    // All clients of a server lose it at the same moment, and a draining one tells all of them at once: spread both.
    return Math.random() * (isHandOff ? HAND_OFF_SPREAD_MS : SPREAD_MS);
  }
}
