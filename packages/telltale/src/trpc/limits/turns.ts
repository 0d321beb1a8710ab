import { TelltaleError } from "../../core/index.js";

interface Line {
  running: number;
  readonly waiting: (() => void)[];
}

/** Limits how many calls of each caller run at the same time. Further calls wait, in order. */
export class Turns {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #lines = new Map<string, Line>();

  constructor(limits: Readonly<{ atOnce: number; maxWaiting: number }>) {
    this.#atOnce = limits.atOnce;
    this.#maxWaiting = limits.maxWaiting;
  }

  /** The number of callers with running or waiting calls. */
  get size(): number {
    return this.#lines.size;
  }

  /** Runs a call as soon as the limit allows it. Rejects with `too_many` if too many calls of the caller are already waiting. */
  async run<R>(caller: string, call: () => Promise<R>): Promise<R> {
    const line = this.#lines.get(caller) ?? { running: 0, waiting: [] };
    this.#lines.set(caller, line);
    if (line.running < this.#atOnce) {
      line.running++;
    } else {
      if (line.waiting.length >= this.#maxWaiting) {
        throw new TelltaleError(
          "too_many",
          `Too many list calls are waiting; ${this.#atOnce} run at the same time. Wait for them to finish`,
        );
      }
      // The call that ends starts this one, so `running` stays the same.
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
