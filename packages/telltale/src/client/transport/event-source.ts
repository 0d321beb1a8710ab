import { readEvents, type StreamEvent } from "./read-events.js";
import type { Wake } from "./wake.js";

/** When the page wakes up, a stream that was silent for longer than this is opened again. Gateways ping more often. */
const STALE_MS = 6_000;
/** How long the server may take to begin its answer. */
const ANSWER_MS = 12_000;

/** The request for an event stream. */
interface StreamRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly cache: "no-store";
  readonly signal: AbortSignal;
}

/** The options of `EndingEventSource`. */
export interface EndingEventSourceInit {
  readonly fetch: (url: string | URL, request: StreamRequest) => Promise<Response>;
  readonly wake: Wake;
}

/**
 * An EventSource for tRPC's link. Unlike the standard one, it does not reconnect every 3 s after a lost or silent connection: it ends, and
 * `Subscription` opens another one after the last position, with jitter. It uses `fetch`, because the standard one cannot send an
 * Authorization header. If the server refuses, the error event has the HTTP status as `code`.
 */
export class EndingEventSource extends EventTarget {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  #readyState: number = this.CONNECTING;
  readonly #abort = new AbortController();
  /** Not of `performance`, whose clock stops on some platforms while the machine sleeps. */
  #heardAt = Date.now();
  readonly #removeWakeListener: () => void;
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** How long the stream may be silent. The server says so in its first event, if it pings. */
  #silenceMs: number | undefined = ANSWER_MS;

  constructor(url: string | URL, { fetch, wake }: EndingEventSourceInit) {
    super();
    this.#removeWakeListener = wake.on(() => {
      if (Date.now() - this.#heardAt > STALE_MS) this.#end({});
    });
    this.#heard();
    this.#read(url, fetch).catch(() => this.#end({}));
  }

  get readyState(): number {
    return this.#readyState;
  }

  close(): void {
    this.#readyState = this.CLOSED;
    this.#removeWakeListener();
    clearTimeout(this.#silence);
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
    for await (const event of readEvents(body, () => this.#heard())) {
      const { type, data, id } = event.type === "connected" ? this.#connected(event) : event;
      this.dispatchEvent(new MessageEvent(type, { data, lastEventId: id }));
      if (this.#isClosed()) return;
    }
    this.#end({});
  }

  // The option is for tRPC's link, which would open the stream again at once, without a pause.
  #connected(event: StreamEvent): StreamEvent {
    const { reconnectAfterInactivityMs, ...options } = Object(JSON.parse(event.data));
    this.#silenceMs = typeof reconnectAfterInactivityMs === "number" ? reconnectAfterInactivityMs : undefined;
    this.#heard();
    return { ...event, data: JSON.stringify(options) };
  }

  #heard(): void {
    if (this.#isClosed()) return;
    this.#heardAt = Date.now();
    clearTimeout(this.#silence);
    if (this.#silenceMs !== undefined) this.#silence = setTimeout(() => this.#end({}), this.#silenceMs);
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
