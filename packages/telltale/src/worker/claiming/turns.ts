/**
 * Lets one caller go on per turn of the event loop.
 *
 * Redis answers commands that it read together together, however many there were. So two claims that were once answered together would
 * stay together: the worker would run the jobs of both while Redis has nothing to do, and then wait for both. If it runs the jobs of one
 * and settles them first, Redis works on these while the worker runs the jobs of the other.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /** Resolves when it is the caller's turn, which is at once if nobody has had this one. */
  async next(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#take();
  }

  #take(): void {
    this.#isTaken = true;
    // What this turn's jobs send is sent by an immediate too, so a single one could come before it.
    setImmediate(() => setImmediate(() => this.#pass()));
  }

  #pass(): void {
    this.#isTaken = false;
    const next = this.#waiting.shift();
    if (!next) return;
    this.#take();
    next();
  }
}
