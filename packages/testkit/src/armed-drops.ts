/** A fault that has found its request. */
export interface ArmedDrop {
  readonly what: "request" | "reply";
  /** Tells whoever armed it that the bytes are gone and the connection with them. */
  readonly done: () => void;
}

/** The faults of a proxy that strike once each, in the order they were armed. */
export class ArmedDrops {
  #armed: readonly (ArmedDrop & { readonly containing: string })[] = [];

  arm(what: ArmedDrop["what"], containing: string): Promise<void> {
    return new Promise((done) => {
      this.#armed = [...this.#armed, { what, containing, done }];
    });
  }

  /** The first fault that is meant for this request; it will not strike another. */
  take(request: Buffer): ArmedDrop | undefined {
    const found = this.#armed.find(({ containing }) => request.includes(containing));
    this.#armed = this.#armed.filter((drop) => drop !== found);
    return found;
  }
}
