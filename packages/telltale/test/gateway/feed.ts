/** A counter that subscriptions follow, in place of a job's feed in Redis. */
export class Feed {
  #latest = 0;
  readonly #waiting = new Set<() => void>();

  get latest(): number {
    return this.#latest;
  }

  /** The number of generators that wait on it. */
  get watchers(): number {
    return this.#waiting.size;
  }

  publish(): void {
    this.#latest++;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves with true when event n is published, or with false if the signal aborts first. */
  async reaches(n: number, signal: AbortSignal | undefined): Promise<boolean> {
    while (this.#latest < n) {
      if (signal?.aborted) return false;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal?.addEventListener("abort", wake);
      });
    }
    return true;
  }
}
