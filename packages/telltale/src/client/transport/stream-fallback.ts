import { observable, type Unsubscribable } from "@trpc/server/observable";
import { LOST } from "../lost.js";
import { toTelltaleError } from "../to-telltale-error.js";
import type { Op, OperationLink, ReplyObserver } from "./operation.js";

/** When neither WebSockets nor streams work, the server is probably down. After this time, streams are tried again. */
const STREAMS_AGAIN_MS = 15_000;
/** While streams work, a WebSocket is tried again after this time. */
const SOCKETS_AGAIN_MS = 60_000;
/** WebSockets that have worked may fail for this long, because the server restarts, before streams are tried. */
const RESTART_MS = 20_000;

type Transport = "sockets" | "streams";

/** The options of `StreamFallback`. */
export interface StreamFallbackOptions {
  readonly sockets: OperationLink;
  /** The link for server-sent events. */
  readonly streams: OperationLink;
  /** Opens a WebSocket that nobody uses, to find out whether that is possible. */
  readonly dial: () => WebSocket;
  /** Called before subscriptions move from one to the other. */
  readonly onMove: (to: Transport) => void;
}

/**
 * Sends subscriptions over WebSockets, or as server-sent events if no WebSocket can be opened, for example behind a proxy that does
 * not forward upgrades. Networks change, so it keeps to what worked but not for ever: a subscription that is opened as a stream, also
 * after a loss or for its turn, causes a WebSocket to be tried, at most once a minute. If it opens, later subscriptions use
 * WebSockets, and present streams stay until they end.
 */
export class StreamFallback {
  readonly #options: StreamFallbackOptions;
  #via: Transport = "sockets";
  /** Whether the present transport has worked. */
  #isSettled = false;
  #streamsAt = 0;
  #socketsAt = 0;
  /** When WebSockets that had worked began to fail. */
  #failingSince: number | undefined;
  #dialled: WebSocket | undefined;

  constructor(options: StreamFallbackOptions) {
    this.#options = options;
  }

  readonly link: OperationLink = (request) =>
    observable((observer) => {
      this.#trySocket();
      let { op } = request;
      let subscription: Unsubscribable | undefined;
      let sent = 0;
      const remembering: ReplyObserver = {
        ...observer,
        next: (envelope) => {
          if ("id" in envelope.result) op = continued(op, envelope.result.id);
          observer.next(envelope);
        },
      };
      const send = (): void => {
        const n = ++sent;
        const made = this.#options[this.#via]({ ...request, op }).subscribe(this.#observed(remembering, send));
        // It may have failed, and been sent again, before `subscribe` returned.
        if (n === sent) subscription = made;
      };
      send();
      return () => subscription?.unsubscribe();
    });

  /** Records that a WebSocket of subscriptions was opened. */
  socketOpened(): void {
    this.#failingSince = undefined;
    if (this.#via === "sockets") this.#isSettled = true;
  }

  /** Moves to streams, unless they were tried a moment ago or WebSockets worked a moment ago. Returns whether streams are used. */
  moveToStreams(): boolean {
    if (this.#via === "streams") return true;
    const now = performance.now();
    this.#failingSince ??= now;
    const mayRestart = this.#isSettled && now - this.#failingSince < RESTART_MS;
    if (mayRestart || now < this.#streamsAt) return false;
    this.#socketsAt = now + SOCKETS_AGAIN_MS;
    this.#move("streams");
    return true;
  }

  /** Gives up the WebSocket that is being tried. */
  close(): void {
    this.#dialled?.close();
  }

  // Not with a subscription, which would be interrupted if the WebSocket cannot be opened.
  #trySocket(): void {
    if (this.#via === "sockets" || !this.#isSettled || performance.now() < this.#socketsAt) return;
    this.#socketsAt = performance.now() + SOCKETS_AGAIN_MS;
    const dialled = this.#options.dial();
    this.#dialled = dialled;
    // Without a listener, the class of Node would throw.
    dialled.addEventListener("error", () => {});
    dialled.addEventListener("open", () => {
      dialled.close();
      if (this.#via === "streams") this.#move("sockets");
    });
  }

  #observed(observer: ReplyObserver, again: () => void): ReplyObserver {
    const via = this.#via;
    return {
      ...observer,
      next: (envelope) => {
        if (via === "streams" && via === this.#via && envelope.result.type === "started") this.#isSettled = true;
        observer.next?.(envelope);
      },
      error: (error) => {
        if (this.#isSettled || !LOST.has(toTelltaleError(error).code)) {
          observer.error?.(error);
          return;
        }
        if (via === "streams" && this.#via === via) {
          this.#streamsAt = performance.now() + STREAMS_AGAIN_MS;
          this.#move("sockets");
        }
        again();
      },
    };
  }

  #move(to: Transport): void {
    this.#via = to;
    this.#isSettled = false;
    this.#options.onMove(to);
  }
}

// Each of tRPC's links continues after the last event that it delivered, but does not know those of the other link.
function continued(op: Op, lastEventId: unknown): Op {
  const input: unknown = op.input ?? {};
  return typeof input === "object" ? { ...op, input: { ...input, lastEventId } } : op;
}
