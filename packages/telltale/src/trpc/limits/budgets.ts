import { TelltaleError } from "../../core/index.js";

/** With more callers than this, those whose budget is full again are removed. */
const SWEEP_ABOVE = 10_000;

interface Budget {
  left: number;
  /** When `left` was computed, in ms. */
  at: number;
}

/** The options of `Budgets`. */
export interface BudgetsOptions {
  /** The full budget of a caller. */
  readonly amount: number;
  /** How long an empty budget takes to refill, in ms. */
  readonly perMs: number;
  /** Returns the current time in ms. */
  readonly now: () => number;
}

/** Gives each caller a budget that refills continuously. */
export class Budgets {
  readonly #options: BudgetsOptions;
  readonly #budgets = new Map<string, Budget>();
  #sweepAbove = SWEEP_ABOVE;

  constructor(options: BudgetsOptions) {
    this.#options = options;
  }

  /** The number of callers in memory. */
  get size(): number {
    return this.#budgets.size;
  }

  /** Spends the cost. If the caller has less than that left, spends nothing and throws `too_many`, with `retryInMs` in `data`. */
  spend(caller: string, cost: number): void {
    const retryInMs = this.take(caller, cost);
    if (retryInMs === 0) return;
    const { amount, perMs } = this.#options;
    const limit = `a cost of ${amount} in ${perMs / 1_000} s`;
    throw new TelltaleError("too_many", `Rate limit exceeded: ${limit}. Try again in ${retryInMs} ms`, {
      data: { retryInMs },
    });
  }

  /** Like `spend`, but does not throw: returns 0, or in how many ms to try again. */
  take(caller: string, cost: number): number {
    const { amount, perMs } = this.#options;
    const now = this.#options.now();
    const left = this.#leftOf(caller, now);
    if (left < cost) return Math.ceil(((cost - left) * perMs) / amount);
    this.#budgets.set(caller, { left: left - cost, at: now });
    if (this.#budgets.size > this.#sweepAbove) this.#sweep(now);
    return 0;
  }

  #leftOf(caller: string, now: number): number {
    const budget = this.#budgets.get(caller);
    const { amount, perMs } = this.#options;
    if (!budget) return amount;
    return Math.min(amount, budget.left + (Math.max(0, now - budget.at) * amount) / perMs);
  }

  // The next sweep is due when the number has doubled, so that the cost per call does not grow with the number of callers.
  #sweep(now: number): void {
    for (const caller of this.#budgets.keys()) {
      if (this.#leftOf(caller, now) >= this.#options.amount) this.#budgets.delete(caller);
    }
    this.#sweepAbove = Math.max(SWEEP_ABOVE, this.#budgets.size * 2);
  }
}
