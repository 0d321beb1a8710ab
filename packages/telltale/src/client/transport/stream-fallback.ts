import { LOST } from "../lost.js";
import { toTelltaleError } from "../to-telltale-error.js";
import type { OperationLink, ReplyObserver } from "./operation.js";

/** When neither WebSockets nor streams work, the server is probably down. After this time, streams are tried again. */
const NEXT_TRIAL_MS = 15_000;

type Transport = "sockets" | "streams";

/** The options of `StreamFallback`. */
export interface StreamFallbackOptions {
  readonly sockets: OperationLink;
  /** The link for server-sent events. */
  readonly streams: OperationLink;
  /** Called before subscriptions move from one to the other. */
  readonly onMove: (to: Transport) => void;
}

/**
 * Sends subscriptions over WebSockets, or as server-sent events if no WebSocket can be opened, for example behind a proxy that does
 * not forward upgrades. Does not change any more once one of them worked.
 */
export class StreamFallback {
  readonly #options: StreamFallbackOptions;
  #via: Transport = "sockets";
  #isSettled = false;
  #nextTrialAt = 0;

  constructor(options: StreamFallbackOptions) {
    this.#options = options;
  }

  readonly link: OperationLink = (request) => {
    const replies = this.#options[this.#via](request);
    return {
      pipe: replies.pipe,
      subscribe: (observer) => {
        let subscription: { unsubscribe(): void } | null = null;
        let sent = 0;
        const send = (to: typeof replies): void => {
          const n = ++sent;
          const made = to.subscribe(
            this.#observed(observer, () => {
              send(this.#options[this.#via](request));
            }),
          );
          // It may have failed, and been sent again, before `subscribe` returned.
          if (n === sent) subscription = made;
        };
        send(replies);
        return { unsubscribe: () => subscription?.unsubscribe() };
      },
    };
  };

  /** Records that a connection was opened. */
  settle(): void {
    this.#isSettled = true;
  }

  /** Moves to streams, unless that was tried a moment ago. Returns whether it did. */
  moveToStreams(): boolean {
    if (this.#isSettled || performance.now() < this.#nextTrialAt) return false;
    this.#move("streams");
    return true;
  }

  #observed(observer: ReplyObserver, again: () => void): ReplyObserver {
    const via = this.#via;
    return {
      ...observer,
      next: (envelope) => {
        if (via === "streams" && envelope.result.type === "started") this.settle();
        observer.next?.(envelope);
      },
      error: (error) => {
        if (this.#isSettled || !LOST.has(toTelltaleError(error).code)) {
          observer.error?.(error);
          return;
        }
        if (via === "streams" && this.#via === via) {
          this.#nextTrialAt = performance.now() + NEXT_TRIAL_MS;
          this.#move("sockets");
        }
        again();
      },
    };
  }

  #move(to: Transport): void {
    this.#via = to;
    this.#options.onMove(to);
  }
}
