import { backoffMs, ReconnectBackoff } from "../backoff.js";

/** A socket that was open for less than this counts as refused: a server that refuses a socket closes it at once. */
const ACCEPTED_MS = 1_000;
/** Each try asks for credentials, so that even the first one does not follow at once. */
const MIN_MS = 100;
const SPREAD_MS = 500;
const HAND_OFF_SPREAD_MS = 3_000;
/** The longest delay between the tries of a hand-off. The old socket works, and the drain of a server can take minutes. */
const HAND_OFF_MS = 1_000;

/**
 * Computes the delay before a lost WebSocket is opened again. tRPC before 11.25 counts connections that fail, but not those that are
 * accepted and closed at once, after which it would reconnect without a delay.
 */
export class ReconnectDelay {
  readonly #backoff = new ReconnectBackoff();
  #openedAt = Number.NEGATIVE_INFINITY;
  #shortLived = 0;

  /** Records that a socket was opened. */
  opened(): void {
    this.#openedAt = performance.now();
  }

  /**
   * Returns the delay in ms before try `n`, counted from 0. `isHandOff` is true if the server asked for a new socket while the old
   * one still works. The delays do not grow then: the next server may start at any moment, and the old one waits.
   */
  delayMs(n: number, isHandOff: boolean): number {
    if (n === 0) {
      const isShortLived = performance.now() - this.#openedAt < ACCEPTED_MS;
      this.#shortLived = isShortLived ? this.#shortLived + 1 : 0;
    }
    if (this.#shortLived > 1) return backoffMs(Math.max(n, this.#shortLived - 1));
    if (isHandOff && n > 0) return HAND_OFF_MS / 2 + (Math.random() * HAND_OFF_MS) / 2;
    const wasOpen = this.#openedAt !== Number.NEGATIVE_INFINITY;
    if (n === 0 && wasOpen) this.#backoff.lost();
    if (n > 0) return this.#backoff.nextMs();
    // When a server stops or drains, all its clients are affected at the same moment. Random delays spread them over time.
    return spreadMs(isHandOff ? HAND_OFF_SPREAD_MS : SPREAD_MS);
  }

  /** Returns the delay in ms before the next try, when the old socket closes before a new one is open. */
  cutShortMs(): number {
    this.#backoff.lost();
    return spreadMs(SPREAD_MS);
  }
}

function spreadMs(most: number): number {
  return MIN_MS + Math.random() * (most - MIN_MS);
}
