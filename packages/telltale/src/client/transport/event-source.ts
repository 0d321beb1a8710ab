import { readEvents } from "./read-events.js";

/** What an event stream is asked for with. */
interface StreamRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly cache: "no-store";
  readonly signal: AbortSignal;
}

/** How a stream is asked for. */
export interface EndingEventSourceInit {
  readonly fetch: (url: string | URL, request: StreamRequest) => Promise<Response>;
}

/**
 * An EventSource for tRPC's link that ends where others reconnect every 3 s: opening it again, with the last position and
 * jitter, is the subscription's business. It uses `fetch`, also in browsers, because their own cannot send an Authorization
 * header. Its error event has the HTTP status as `code` if the server refused.
 */
export class EndingEventSource extends EventTarget {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  #readyState: number = this.CONNECTING;
  readonly #abort = new AbortController();

  constructor(url: string | URL, { fetch }: EndingEventSourceInit) {
    super();
    this.#read(url, fetch).catch(() => this.#end({}));
  }

  get readyState(): number {
    return this.#readyState;
  }

  close(): void {
    this.#readyState = this.CLOSED;
    this.#abort.abort();
  }

  async #read(url: string | URL, fetch: EndingEventSourceInit["fetch"]): Promise<void> {
    const { signal } = this.#abort;
    const response = await fetch(url, { headers: { accept: "text/event-stream" }, cache: "no-store", signal });
    const { status, headers, body } = response;
    if (status !== 200 || !body || !headers.get("content-type")?.startsWith("text/event-stream")) {
      return this.#end({ code: status, message: `The server answered ${status} to a subscription` });
    }
    if (this.#readyState === this.CLOSED) return;
    this.#readyState = this.OPEN;
    for await (const { type, data, id } of readEvents(body)) {
      this.dispatchEvent(new MessageEvent(type, { data, lastEventId: id }));
      if (this.#isClosed()) return;
    }
    this.#end({});
  }

  // The compiler takes a property that was compared once for unchanged by what listeners do.
  #isClosed(): boolean {
    return this.#readyState === this.CLOSED;
  }

  #end(details: Readonly<{ code?: number; message?: string }>): void {
    // In a turn of its own: tRPC drops what it has not read yet when it hears the error, and that can be the server's last
    // word, such as `not_found`.
    setTimeout(() => {
      if (this.#isClosed()) return;
      this.close();
      this.dispatchEvent(Object.assign(new Event("error"), details));
    });
  }
}
