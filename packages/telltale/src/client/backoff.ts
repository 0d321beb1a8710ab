const FIRST_MS = 250;
const MAX_MS = 10_000;
/** For this long after the loss of a working connection, tries follow each other quickly: the server probably restarts. */
const QUICK_MS = 5_000;

/** Returns the delay in ms after try `n`, counted from 0. It doubles from 250 ms up to 10 s, minus a random part of up to one half. */
export function backoffMs(n: number): number {
  const cap = Math.min(MAX_MS, FIRST_MS * 2 ** n);
  return cap / 2 + (Math.random() * cap) / 2;
}

/** The delays between tries to connect again. */
export class ReconnectBackoff {
  #quickUntil = Number.NEGATIVE_INFINITY;
  #slow = 0;

  /** Records that a working connection was lost, or will be because the server announced that it restarts. */
  lost(): void {
    this.#quickUntil = performance.now() + QUICK_MS;
    this.#slow = 0;
  }

  /** Returns the delay in ms before the next try. */
  nextMs(): number {
    return backoffMs(performance.now() < this.#quickUntil ? 1 : ++this.#slow);
  }
}
