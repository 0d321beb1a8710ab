/**
 * An `AbortController` that is only created when its signal is asked for. Creating one takes longer than all else that a short
 * attempt allocates, and few attempts need it.
 */
export class AbortOnDemand {
  #controller: AbortController | null = null;
  #abortion: { readonly reason: unknown } | null = null;

  get aborted(): boolean {
    return this.#abortion !== null;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#abortion) this.#controller.abort(this.#abortion.reason);
    }
    return this.#controller.signal;
  }

  /** Safe to call twice; the first reason counts. */
  abort(reason?: unknown): void {
    if (this.#abortion) return;
    this.#abortion = { reason };
    this.#controller?.abort(reason);
  }
}
