const CLOSE_TIMEOUT_MS = 2_000;
/** Some proxies neither forward nor refuse upgrades. Browsers would wait for minutes. */
const OPEN_TIMEOUT_MS = 10_000;

/** Neither a server nor a browser uses this code, so it identifies our own event. */
const GIVEN_UP = { code: 4999, reason: "The server did not respond to the close", wasClean: false } as const;

/**
 * Returns a WebSocket class that dispatches the `close` event itself if the server does not answer a close within 2 s. Browsers wait
 * up to a minute for the answer, and tRPC reconnects only after the event.
 */
export function promptlyClosing(Base: typeof WebSocket): typeof WebSocket {
  return class PromptlyClosing extends Base {
    #timer: ReturnType<typeof setTimeout> | undefined;
    #givenUp: Event | null = null;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.#timer = setTimeout(() => this.close(), OPEN_TIMEOUT_MS);
      this.addEventListener("open", () => clearTimeout(this.#timer));
      this.addEventListener("close", (event) => {
        clearTimeout(this.#timer);
        // The browser's own event would be a second one, so it is dropped.
        if (this.#givenUp && event !== this.#givenUp) event.stopImmediatePropagation();
      });
    }

    override get readyState(): WebSocket["readyState"] {
      return this.#givenUp ? Base.CLOSED : super.readyState;
    }

    override close(code?: number, reason?: string): void {
      super.close(code, reason);
      clearTimeout(this.#timer);
      if (this.readyState === Base.CLOSED) return;
      this.#timer = setTimeout(() => this.#giveUp(), CLOSE_TIMEOUT_MS);
    }

    /** Closes without waiting for the server. */
    terminate(): void {
      this.close();
      if (this.readyState !== Base.CLOSED) this.#giveUp();
    }

    #giveUp(): void {
      this.#givenUp = Object.assign(new Event("close"), GIVEN_UP);
      this.dispatchEvent(this.#givenUp);
    }
  };
}
