import type { SubscriptionLimit } from "./feeds/subscription-limit.js";
import type { Closing } from "./transport/closing.js";
import type { Wake } from "./transport/wake.js";

/** What other clients share with a `Client` from which they are made. */
export interface Shared {
  /** The name of the jobs router, if it is not at the root. */
  readonly router: string | undefined;
  readonly closing: Closing;
  readonly wake: Wake;
  readonly limit: SubscriptionLimit;
}

/** The member of a `Client` with what it shares. A symbol, because every string could be a kind. */
export const SHARED: unique symbol = Symbol.for("telltale.shared");
