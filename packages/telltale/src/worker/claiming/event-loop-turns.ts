/**
 * Lets one caller continue per turn of the event loop.
 *
 * Redis sends one reply to all commands that arrive at the same time. Two claims that were answered at the same time would therefore
 * always be: the worker would run the jobs of both while Redis is idle, and then wait for both. If it runs and settles the jobs of one
 * claim first, Redis settles them while the worker runs the jobs of the other.
 */
export class EventLoopTurns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /** Resolves immediately for the first caller of a turn, and for each further caller in a later turn. */
  async next(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#take();
  }

  #take(): void {
    this.#isTaken = true;
    // The Coalescer sends in an immediate too, and one that was set here might run before it.
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
