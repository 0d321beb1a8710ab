/** A set of open sockets or unanswered requests. A graceful shutdown waits until it is empty. */
export class Occupancy<T> implements Iterable<T> {
  readonly #here = new Set<T>();
  readonly #waiting = new Set<() => void>();

  get size(): number {
    return this.#here.size;
  }

  [Symbol.iterator](): Iterator<T> {
    // A copy, because callers usually remove members while they iterate.
    return [...this.#here][Symbol.iterator]();
  }

  enter(guest: T): void {
    this.#here.add(guest);
  }

  leave(guest: T): void {
    this.#here.delete(guest);
    if (this.#here.size > 0) return;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Resolves to true once the set is empty, or to false after `timeoutMs`. */
  emptied(timeoutMs: number): Promise<boolean> {
    if (this.#here.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(wake);
        resolve(false);
      }, timeoutMs);
      this.#waiting.add(wake);
    });
  }
}
