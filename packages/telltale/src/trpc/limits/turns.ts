import { TelltaleError } from "../../core/index.js";

interface Line {
  running: number;
  readonly waiting: (() => void)[];
}

/** Lets few calls of each caller run at the same time. The others wait for their turn, first come, first served. */
export class Turns {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #lines = new Map<string, Line>();

  constructor(limits: Readonly<{ atOnce: number; maxWaiting: number }>) {
    this.#atOnce = limits.atOnce;
    this.#maxWaiting = limits.maxWaiting;
  }

  /** The number of callers with calls that run or wait. */
  get size(): number {
    return this.#lines.size;
  }

  /** Runs a call when it is its turn. Rejects with `too_many` if too many wait already. */
  async run<R>(caller: string, call: () => Promise<R>): Promise<R> {
    const line = this.#lines.get(caller) ?? { running: 0, waiting: [] };
    this.#lines.set(caller, line);
    if (line.running < this.#atOnce) {
      line.running++;
    } else {
      if (line.waiting.length >= this.#maxWaiting) {
        throw new TelltaleError(
          "too_many",
          `At most ${this.#atOnce} lists of a caller run at once. Wait for these first`,
        );
      }
      // The one that ends passes its turn on, so `running` stays the same.
      await new Promise<void>((resolve) => line.waiting.push(resolve));
    }
    try {
      return await call();
    } finally {
      const next = line.waiting.shift();
      if (next) next();
      else line.running--;
      if (line.running === 0) this.#lines.delete(caller);
    }
  }
}
