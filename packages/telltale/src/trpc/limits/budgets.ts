import { TelltaleError } from "../../core/index.js";

/** Above this number, budgets that are whole again are forgotten. */
const SWEEP_ABOVE = 10_000;

interface Budget {
  left: number;
  /** When `left` was computed, ms. */
  at: number;
}

/** The options of `Budgets`. */
export interface BudgetsOptions {
  /** What a caller may spend at once. */
  readonly amount: number;
  /** How long it takes until an empty budget is full again, ms. */
  readonly perMs: number;
  /** Returns the time, ms. */
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

  /** The number of callers that are remembered. */
  get size(): number {
    return this.#budgets.size;
  }

  /** Throws `too_many`, with `retryInMs` in `data`, if the caller has less left than the cost. Then nothing is spent. */
  spend(caller: string, cost: number): void {
    const retryInMs = this.take(caller, cost);
    if (retryInMs === 0) return;
    const { amount, perMs } = this.#options;
    throw new TelltaleError("too_many", `The limit is a cost of ${amount} in ${perMs / 1_000} s. Try again later`, {
      data: { retryInMs },
    });
  }

  /** Spends like `spend`. Returns 0, or after how many ms to try again. */
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

  // Next time when twice as many are left as now, so that the cost per call does not grow with their number.
  #sweep(now: number): void {
    for (const caller of this.#budgets.keys()) {
      if (this.#leftOf(caller, now) >= this.#options.amount) this.#budgets.delete(caller);
    }
    this.#sweepAbove = Math.max(SWEEP_ABOVE, this.#budgets.size * 2);
  }
}
