import { backoffMs } from "../backoff.js";

/** A socket that was open for less than this counts as refused, because servers close sockets that they refuse at once. */
const ACCEPTED_MS = 1_000;
const SPREAD_MS = 500;
const HAND_OFF_SPREAD_MS = 3_000;

/**
 * Computes the delay before a lost WebSocket is opened again. tRPC counts failed connections, but before 11.25 not those that are
 * accepted and closed at once. It would open the next one without a delay.
 */
export class ReconnectDelay {
  #openedAt = Number.NEGATIVE_INFINITY;
  #shortLived = 0;

  /** A socket opened. */
  opened(): void {
    this.#openedAt = performance.now();
  }

  /** The delay before try `n`, from 0. `isHandOff`: the server asked for a new socket, while the old one still works. */
  delayMs(n: number, isHandOff: boolean): number {
    if (n === 0) {
      const isShortLived = !isHandOff && performance.now() - this.#openedAt < ACCEPTED_MS;
      this.#shortLived = isShortLived ? this.#shortLived + 1 : 0;
    }
    const tries = Math.max(n, this.#shortLived - 1);
    if (tries > 0) return backoffMs(tries);
    // All clients lose a server at the same moment, and a draining server notifies all at once. Both are spread over time.
    return Math.random() * (isHandOff ? HAND_OFF_SPREAD_MS : SPREAD_MS);
  }
}
