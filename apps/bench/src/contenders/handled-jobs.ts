import { nowMs } from "../measure/now.js";
import type { Handled } from "./queue-calls.js";

/** Counts how often a worker handles each job. */
export class HandledJobs {
  readonly #counts: Uint8Array;
  #count = 0;
  #firstAt = 0;
  #lastAt = 0;

  constructor(jobs: number) {
    this.#counts = new Uint8Array(jobs);
  }

  get count(): number {
    return this.#count;
  }

  add(n: number): void {
    const at = nowMs();
    if (this.#count === 0) this.#firstAt = at;
    this.#lastAt = at;
    this.#count++;
    // A typed array ignores what is beyond its end: the jobs of a refill.
    this.#counts[n] = (this.#counts[n] ?? 0) + 1;
  }

  report(): Handled {
    const counts = Buffer.from(this.#counts).toString("base64");
    return { counts, handled: this.#count, firstAt: this.#firstAt, lastAt: this.#lastAt };
  }
}
