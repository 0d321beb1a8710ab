/** A wait that can be cut short. */
export class Pause {
  #end: () => void = () => {};

  /** Resolves after `ms`, or at the next `end`. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#end(), ms);
      this.#end = () => {
        clearTimeout(timer);
        this.#end = () => {};
        resolve();
      };
    });
  }

  /** Ends the current wait, if any. */
  end(): void {
    this.#end();
  }
}
