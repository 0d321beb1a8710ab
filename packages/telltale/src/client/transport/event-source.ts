import { EventSource } from "eventsource";

/**
 * An EventSource that ends where others reconnect every 3 s: opening it again, with the last position and jitter, is the
 * subscription's business. Fetch-based in browsers too, because theirs cannot send an Authorization header.
 */
export class EndingEventSource extends EventSource {
  constructor(...args: ConstructorParameters<typeof EventSource>) {
    super(...args);
    this.addEventListener("error", () => {
      if (this.readyState === this.CLOSED) return;
      // In a turn of its own: tRPC drops what it has not read yet when it hears the error, and that can be the server's
      // last word, such as `not_found`.
      setTimeout(() => {
        this.close();
        this.dispatchEvent(new Event("error"));
      });
    });
  }
}
