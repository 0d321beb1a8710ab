/** Lets one consumer sleep until it is woken. A call before the wait is remembered. */
export class Wake {
  #called = false;
  #resolve: (() => void) | null = null;

  call(): void {
    this.#called = true;
    this.#resolve?.();
  }

  /** Resolves at the next call, or at once if there was one since the last wait. */
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
