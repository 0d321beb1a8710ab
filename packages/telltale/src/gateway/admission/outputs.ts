/** A socket or an HTTP response. */
export interface Output {
  /** How much is buffered for it. */
  readonly bytes: () => number;
  /** Destroys its connection, and with it the buffer. */
  readonly cut: () => void;
}

/** An output that is counted. */
export interface CountedOutput {
  /** Call it after something was written. */
  readonly grew: () => void;
  /** Stops counting it. */
  readonly end: () => void;
}

/** Limits how much is buffered for all clients together. */
export class Outputs {
  readonly #maxBytes: number;
  /** What each output had when it was last looked at. Buffers that have become smaller since are not noticed. */
  readonly #seen = new Map<Output, number>();
  #sum = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The number of outputs that are counted. */
  get size(): number {
    return this.#seen.size;
  }

  add(output: Output): CountedOutput {
    this.#seen.set(output, 0);
    return { grew: () => this.#grew(output), end: () => this.#forget(output) };
  }

  #grew(output: Output): void {
    if (!this.#look(output) || this.#sum <= this.#maxBytes) return;
    for (const one of this.#seen.keys()) this.#look(one);
    if (this.#sum <= this.#maxBytes) return;
    const largestFirst = [...this.#seen].sort(([, a], [, b]) => b - a);
    for (const [one] of largestFirst) {
      if (this.#sum <= this.#maxBytes) return;
      this.#forget(one);
      one.cut();
    }
  }

  #look(output: Output): boolean {
    const before = this.#seen.get(output);
    if (before === undefined) return false;
    const bytes = output.bytes();
    this.#seen.set(output, bytes);
    this.#sum += bytes - before;
    return true;
  }

  #forget(output: Output): void {
    this.#sum -= this.#seen.get(output) ?? 0;
    this.#seen.delete(output);
  }
}
