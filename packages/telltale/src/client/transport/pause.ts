/** A wait that can be cut short. */
export class Pause {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resolve: (() => void) | null = null;

  /** Resolves after `ms`, or at the next `end`. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.restart(ms);
    });
  }

  /** Lets the current wait, if any, end `ms` from now instead. */
  restart(ms: number): void {
    if (!this.#resolve) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), ms);
  }

  /** Ends the current wait, if any. */
  end(): void {
    clearTimeout(this.#timer);
    this.#resolve?.();
    this.#resolve = null;
  }
}
