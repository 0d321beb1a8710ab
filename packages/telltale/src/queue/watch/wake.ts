const CALLED = Promise.resolve();

/** Lets one consumer wait until it is woken. A call of `call` before the wait is remembered. */
export class Wake {
  #called = false;
  #resolve: (() => void) | null = null;

  /** Wakes the consumer. */
  call(): void {
    if (this.#resolve === null) this.#called = true;
    else this.#resolve();
    this.#resolve = null;
  }

  /** Resolves at the next `call`, or immediately if there was one since the last wait. */
  wait(): Promise<void> {
    const wasCalled = this.#called;
    this.#called = false;
    if (wasCalled) return CALLED;
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}
