import type { Id, Message } from "./message.js";
import type { ReplyHead } from "./reply-head.js";

/** The calls of one socket that are in progress. */
export class CallsInFlight {
  /** Queries and mutations without a reply, and subscriptions that are being set up. */
  readonly #unanswered = new Set<Id>();
  /** Subscriptions until they have ended on the server, also after the client has stopped them. */
  readonly #subscriptions = new Set<Id>();
  readonly #maxSubscriptions: number;

  constructor(maxSubscriptions: number) {
    this.#maxSubscriptions = maxSubscriptions;
  }

  /** The number of calls without a reply. */
  get unanswered(): number {
    return this.#unanswered.size;
  }

  /** Counts a call. Returns why it is refused, or null. */
  begin({ id, method }: Message): "duplicate" | "too_many" | null {
    if (id === null || method === "subscription.stop") return null;
    // With one id for two calls it would be unknown which of them a reply ends.
    if (this.#unanswered.has(id) || this.#subscriptions.has(id)) return "duplicate";
    if (method === "subscription") {
      if (this.#subscriptions.size >= this.#maxSubscriptions) return "too_many";
      this.#subscriptions.add(id);
    }
    this.#unanswered.add(id);
    return null;
  }

  /** Takes a reply that was sent. */
  replied({ id, type }: ReplyHead): void {
    this.#unanswered.delete(id);
    if (type === "stopped" || type === "error") this.#subscriptions.delete(id);
  }
}
