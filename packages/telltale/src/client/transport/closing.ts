import { onAbort } from "../../core/internal.js";

/**
 * Notifies its listeners, once, that a client was closed. An AbortSignal would do the same, but Node warns of a memory leak when it
 * has more than ten listeners.
 */
export class Closing {
  readonly #listeners = new Set<() => void>();
  #isClosed = false;

  /** Creates a `Closing` that closes when the signal aborts, if there is a signal. */
  static from(signal: AbortSignal | undefined): Closing {
    const closing = new Closing();
    if (signal?.aborted) closing.close();
    onAbort(signal, () => closing.close());
    return closing;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }

  on(listener: () => void): void {
    this.#listeners.add(listener);
  }

  off(listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
