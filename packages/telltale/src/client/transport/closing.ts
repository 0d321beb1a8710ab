import { onAbort } from "../../core/internal.js";
/** Notifies any number of listeners, once, that a client was closed. An AbortSignal would warn of a leak with ten listeners. */
export class Closing {
  readonly #listeners = new Set<() => void>();
  #isClosed = false;

  /** Creates one that closes when the signal aborts, if there is a signal. */
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
