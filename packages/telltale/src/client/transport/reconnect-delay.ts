import { backoffMs } from "../backoff.js";

/** A socket that was open for less than this counts as refused: a server that refuses a socket closes it at once. */
const ACCEPTED_MS = 1_000;
const SPREAD_MS = 500;
const HAND_OFF_SPREAD_MS = 3_000;

/**
 * Computes the delay before a lost WebSocket is opened again. tRPC before 11.25 counts connections that fail, but not those that are
 * accepted and closed at once, after which it would reconnect without a delay.
 */
export class ReconnectDelay {
  #openedAt = Number.NEGATIVE_INFINITY;
  #shortLived = 0;

  /** Records that a socket was opened. */
  opened(): void {
    this.#openedAt = performance.now();
  }

  /**
   * Returns the delay in ms before try `n`, counted from 0. `isHandOff` is true if the server asked for a new socket while the old
   * one still works.
   */
  delayMs(n: number, isHandOff: boolean): number {
    if (n === 0) {
      const isShortLived = !isHandOff && performance.now() - this.#openedAt < ACCEPTED_MS;
      this.#shortLived = isShortLived ? this.#shortLived + 1 : 0;
    }
    const tries = Math.max(n, this.#shortLived - 1);
    if (tries > 0) return backoffMs(tries);
    // When a server stops or drains, all its clients are affected at the same moment. Random delays spread them over time.
    return Math.random() * (isHandOff ? HAND_OFF_SPREAD_MS : SPREAD_MS);
  }
}
