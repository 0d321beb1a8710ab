/** Disposes of everything that it was given, last first. Node 20 has no AsyncDisposableStack. */
export class Disposing implements AsyncDisposable {
  readonly #used: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(used: T): T {
    this.#used.push(used);
    return used;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const used of this.#used.toReversed()) await used[Symbol.asyncDispose]();
  }
}
