/** A counter that subscriptions follow: the state a job's feed would have in Redis. */
export class Feed {
  #latest = 0;
  readonly #waiting = new Set<() => void>();

  get latest(): number {
    return this.#latest;
  }

  /** Generators parked on it. */
  get watchers(): number {
    return this.#waiting.size;
  }

  publish(): void {
    this.#latest++;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves true once event n was published, false when the signal aborts first. */
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
