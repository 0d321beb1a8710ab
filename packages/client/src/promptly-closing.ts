const CLOSE_TIMEOUT_MS = 2_000;

/**
 * A WebSocket class that raises `close` by itself when the other end does not answer a close within 2 s. Browsers wait for
 * up to a minute, and tRPC reconnects on the event.
 */
export function promptlyClosing(Base: typeof WebSocket): typeof WebSocket {
  return class PromptlyClosing extends Base {
    #timer: ReturnType<typeof setTimeout> | undefined;
    #isGivenUp = false;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("close", (event) => {
        clearTimeout(this.#timer);
        // The browser's own event, after ours: it was told already.
        if (this.#isGivenUp && event.code !== GIVEN_UP.code) event.stopImmediatePropagation();
      });
    }

    override get readyState(): WebSocket["readyState"] {
      return this.#isGivenUp ? Base.CLOSED : super.readyState;
    }

    override close(code?: number, reason?: string): void {
      super.close(code, reason);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#isGivenUp = true;
        this.dispatchEvent(new CloseEvent("close", GIVEN_UP));
      }, CLOSE_TIMEOUT_MS);
    }
  };
}

/** A code no other end can send: the range 4000 to 4999 is an application's own, and servers of ours stay below 4500. */
const GIVEN_UP = { code: 4999, reason: "The other end did not answer the close", wasClean: false } as const;
