/** Lets one consumer sleep until somebody has something for it. Remembers a call that came before the wait. */
export class Wake {
  #called = false;
  #resolve: (() => void) | null = null;

  call(): void {
    this.#called = true;
    this.#resolve?.();
  }

  /** Resolves at the next call, or at once when one came since the last wait. */
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
