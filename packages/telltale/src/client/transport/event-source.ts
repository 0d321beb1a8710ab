import { TelltaleError } from "../../core/index.js";
import { JOB_TOKEN_HEADER } from "../../core/internal.js";
import type { Credentials } from "./credentials.js";
import { Pause } from "./pause.js";
import { readEvents, type StreamEvent } from "./read-events.js";
import type { Wake } from "./wake.js";

/** When the page wakes up, a stream that was silent for longer than this is opened again. Gateways ping more often. */
const STALE_MS = 6_000;
/** How long the server may take to begin its answer. */
const ANSWER_MS = 12_000;

/** The options of `EndingEventSource`. */
export interface EndingEventSourceInit {
  readonly credentials: Credentials;
  /** The token of the job that is watched. */
  readonly jobToken: string | undefined;
  readonly wake: Wake;
}

/**
 * An EventSource for tRPC's link. Unlike the standard one, it does not reconnect every 3 s after a lost or silent connection: it ends, and
 * `Subscription` opens another one after the last position, with jitter. It also ends when the user changes. It uses `fetch`, because
 * the standard one cannot send an Authorization header. If the server refuses, the error event has the HTTP status as `code`.
 */
export class EndingEventSource extends EventTarget {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  #readyState: number = this.CONNECTING;
  readonly #abort = new AbortController();
  /** Not of `performance`, whose clock stops on some platforms while the machine sleeps. */
  #heardAt = Date.now();
  readonly #pause = new Pause();
  readonly #removeWakeListener: () => void;
  #unfollow: () => void = () => {};
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** How long the stream may be silent. The server says so in its first event, if it pings. */
  #silenceMs: number | undefined = ANSWER_MS;

  constructor(url: string | URL, { credentials, jobToken, wake }: EndingEventSourceInit) {
    super();
    this.#removeWakeListener = wake.on(() => {
      this.#pause.end();
      if (Date.now() - this.#heardAt > STALE_MS) this.#end({});
    });
    this.#open(url, { credentials, jobToken }).catch((error: unknown) => this.#end(endOf(error)));
  }

  get readyState(): number {
    return this.#readyState;
  }

  close(): void {
    this.#readyState = this.CLOSED;
    this.#removeWakeListener();
    this.#unfollow();
    this.#pause.end();
    clearTimeout(this.#silence);
    this.#abort.abort();
  }

  async #open(url: string | URL, { credentials, jobToken }: Omit<EndingEventSourceInit, "wake">): Promise<void> {
    const authorization = await credentials.forConnection({
      wait: (ms) => this.#pause.wait(ms),
      isOver: () => this.#isClosed(),
    });
    if (this.#isClosed()) return;
    this.#unfollow = credentials.follow(authorization, () => this.#end({}));
    this.#heard();
    const headers = {
      accept: "text/event-stream",
      authorization,
      ...(jobToken !== undefined && { [JOB_TOKEN_HEADER]: jobToken }),
    };
    // Not guardedFetch: a refusal is handled by its status. A rejected fetch looks like a lost connection, after which the
    // subscription would be opened again.
    return this.#read(await fetch(url, { headers, cache: "no-store", signal: this.#abort.signal }));
  }

  async #read(response: Response): Promise<void> {
    const { status, headers, body } = response;
    const type = headers.get("content-type");
    if (status !== 200) return this.#end({ code: status, message: `The server returned ${status} for a subscription` });
    if (!body || !type?.startsWith("text/event-stream")) {
      const message = `${response.url.replace(/\?.*/, "")} returned ${type}, which is not an event stream. Check the url`;
      // A single-page app would return its page at every try. The code is for tRPC before 11.25, which drops the cause.
      return this.#end({ code: 404, message, cause: new TelltaleError("invalid_config", message) });
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

  #end(details: EndDetails): void {
    // In a later task, because tRPC drops events that it has not processed yet when the error arrives. One of them can be the
    // error that the server sent last, such as `not_found`.
    setTimeout(() => {
      if (this.#isClosed()) return;
      this.close();
      this.dispatchEvent(Object.assign(new Event("error"), details));
    });
  }
}

/** The fields of the error event. Without a code, the connection was lost. */
interface EndDetails {
  readonly code?: number;
  readonly message?: string;
  readonly cause?: TelltaleError;
}

// `auth` fails again and again. The code is for tRPC before 11.25, which drops the cause.
function endOf(error: unknown): EndDetails {
  if (!(error instanceof TelltaleError) || error.code !== "unauthorized") return {};
  return { code: 401, message: error.message, cause: error };
}
