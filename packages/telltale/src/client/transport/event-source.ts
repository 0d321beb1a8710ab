import { readEvents } from "./read-events.js";

/** The request for an event stream. */
interface StreamRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly cache: "no-store";
  readonly signal: AbortSignal;
}

/** The options of `EndingEventSource`. */
export interface EndingEventSourceInit {
  readonly fetch: (url: string | URL, request: StreamRequest) => Promise<Response>;
}

/**
 * An EventSource for tRPC's link. Unlike the standard one, it does not reconnect every 3 s after a lost connection: it ends, and
 * `Subscription` opens another one after the last position, with jitter. It uses `fetch`, because the standard one cannot send an
 * Authorization header. If the server refuses, the error event has the HTTP status as `code`.
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
      return this.#end({ code: status, message: `The server returned ${status} for a subscription` });
    }
    if (this.#readyState === this.CLOSED) return;
    this.#readyState = this.OPEN;
    for await (const { type, data, id } of readEvents(body)) {
      this.dispatchEvent(new MessageEvent(type, { data, lastEventId: id }));
      if (this.#isClosed()) return;
    }
    this.#end({});
  }

  // A method, because TypeScript would narrow the property and report a second comparison as always false.
  #isClosed(): boolean {
    return this.#readyState === this.CLOSED;
  }

  #end(details: Readonly<{ code?: number; message?: string }>): void {
    // In a later task, because tRPC drops events that it has not processed yet when the error arrives. One of them can be the
    // error that the server sent last, such as `not_found`.
    setTimeout(() => {
      if (this.#isClosed()) return;
      this.close();
      this.dispatchEvent(Object.assign(new Event("error"), details));
    });
  }
}
