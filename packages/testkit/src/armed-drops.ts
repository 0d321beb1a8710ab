/** A one-time fault that is applied to a request. */
export interface ArmedDrop {
  /** What is dropped: the request, or its reply. */
  readonly what: "request" | "reply";
  /** Call this when the bytes were dropped and the connection was reset. */
  readonly done: () => void;
}

/** The one-time faults of a proxy that have not been applied yet, in the order in which they were added. */
export class ArmedDrops {
  #armed: readonly (ArmedDrop & { readonly containing: string })[] = [];

  /** Adds a fault for the next request that contains this text. Resolves when it was applied. */
  arm(what: ArmedDrop["what"], containing: string): Promise<void> {
    return new Promise((done) => {
      this.#armed = [...this.#armed, { what, containing, done }];
    });
  }

  /** Removes and returns the first fault that matches this request, so that it is applied only once. */
  take(request: Buffer): ArmedDrop | undefined {
    const found = this.#armed.find(({ containing }) => request.includes(containing));
    this.#armed = this.#armed.filter((drop) => drop !== found);
    return found;
  }
}
