/** Who is still here: open sockets, unanswered requests. A drain waits on it. */
export class Occupancy<T> implements Iterable<T> {
  readonly #here = new Set<T>();
  readonly #waiting = new Set<() => void>();

  get size(): number {
    return this.#here.size;
  }

  [Symbol.iterator](): Iterator<T> {
    // A copy: whoever walks it usually makes its members leave.
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

  /** Resolves true once nobody is here, false after this long. */
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
