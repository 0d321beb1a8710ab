/** Lets one consumer wait until it is woken. A call of `call` before the wait is remembered. */
export class Wake {
  #called = false;
  #resolve: (() => void) | null = null;

  /** Wakes the consumer. */
  call(): void {
    this.#called = true;
    this.#resolve?.();
  }

  /** Resolves at the next `call`, or immediately if there was one since the last wait. */
  async wait(): Promise<void> {
    if (!this.#called) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
      this.#resolve = null;
    }
    this.#called = false;
  }
}
