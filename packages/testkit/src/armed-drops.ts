/** A fault that matched a request. */
export interface ArmedDrop {
  readonly what: "request" | "reply";
  /** Reports that the bytes were dropped and the connection was reset. */
  readonly done: () => void;
}

/** The one-time faults of a proxy, in the order in which they were armed. */
export class ArmedDrops {
  #armed: readonly (ArmedDrop & { readonly containing: string })[] = [];

  arm(what: ArmedDrop["what"], containing: string): Promise<void> {
    return new Promise((done) => {
      this.#armed = [...this.#armed, { what, containing, done }];
    });
  }

  /** Takes the first fault that matches this request, so that it does not strike again. */
  take(request: Buffer): ArmedDrop | undefined {
    const found = this.#armed.find(({ containing }) => request.includes(containing));
    this.#armed = this.#armed.filter((drop) => drop !== found);
    return found;
  }
}
