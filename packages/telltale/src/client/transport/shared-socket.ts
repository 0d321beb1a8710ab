import { createWSClient, TRPCClientError, type TRPCWebSocketClient, wsLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { observable, type Unsubscribable } from "@trpc/server/observable";
import { IDLE_CLOSE_MS } from "#web-socket";
import { TelltaleError } from "../../core/index.js";
import { toTelltaleError } from "../to-telltale-error.js";
import { closeWebSocket, dropWebSocket } from "./close-web-socket.js";
import type { Credentials } from "./credentials.js";
import type { ConnectionNews, OperationLink, ReplyObserver } from "./operation.js";
import { Pause } from "./pause.js";
import { Pulse } from "./pulse.js";
import { ReconnectDelay } from "./reconnect-delay.js";
import { transformer } from "./transformer.js";
import type { Wake } from "./wake.js";

/** A connection that takes longer to open is given up when the page wakes up. */
const SLOW_TO_OPEN_MS = 1_000;

/** After three failures, a WebSocket may be impossible here. */
const FEW_TRIES = 2;

/** The options of `SharedSocket`. */
export interface SharedSocketOptions {
  readonly url: string;
  readonly WebSocket: typeof WebSocket;
  readonly credentials: Credentials;
  readonly wake: Wake;
  readonly onOpen: () => void;
  /** Called before each try after several have failed. Returns whether to give up. */
  readonly onUnusable: () => boolean;
}

/**
 * One WebSocket for many subscriptions. tRPC's client opens it again after a loss and resumes the subscriptions. Its pauses cannot be
 * cut short, so it never pauses here: the pauses are in the function that returns the url of the next socket.
 */
export class SharedSocket {
  readonly #options: SharedSocketOptions;
  readonly #client: TRPCWebSocketClient;
  readonly #subscribe: OperationLink;
  readonly #delay = new ReconnectDelay();
  readonly #pause = new Pause();
  /** Those who are subscribed, and what unsubscribes them. */
  readonly #observers = new Map<ReplyObserver, () => void>();
  #pauseMs = 0;
  /** Whether the server asked for a new socket, and the old one still works. */
  #isHandOff = false;
  #dialledAt = 0;
  /** The credentials of the newest socket. */
  #authorization = "";
  readonly #pulses = new WeakMap<WebSocket, Pulse>();
  #idle: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  #removeWakeListener: () => void = () => {};

  constructor(options: SharedSocketOptions) {
    this.#options = options;
    this.#client = createWSClient({
      url: () => this.#nextUrl(),
      WebSocket: this.#watched(options.WebSocket),
      connectionParams: () => ({ authorization: this.#authorization }),
      // Without effect while the server pings, because every message starts tRPC's timer again. So this class has a timer too.
      lazy: { enabled: true, closeMs: IDLE_CLOSE_MS },
      onOpen: () => {
        this.#delay.opened();
        options.onOpen();
      },
      onClose: () => this.#closed(),
      retryDelayMs: (n) => {
        this.#isHandOff = this.#client.connection?.state === "open";
        this.#pauseMs = this.#delay.delayMs(n, this.#isHandOff);
        if (n >= FEW_TRIES && !this.#isHandOff && options.onUnusable()) {
          this.#fail(new TelltaleError("unreachable", "No WebSocket can be opened"));
        }
        return 0;
      },
    });
    this.#subscribe = wsLink<AnyTRPCRouter>({ client: this.#client, transformer })({});
  }

  /** The number of its subscriptions. */
  get size(): number {
    return this.#observers.size;
  }

  /** Sends a subscription over this socket, which opens for the first one. */
  readonly link: OperationLink = (request) =>
    observable((observer) => {
      let subscription: Unsubscribable | undefined;
      let isOver = false;
      const leave = (): void => {
        isOver = true;
        this.#leave(observer);
        subscription?.unsubscribe();
      };
      this.#enter(observer, leave);
      this.#withCredentials(() => {
        if (isOver) return;
        try {
          subscription = this.#subscribe(request).subscribe({
            ...observer,
            // tRPC completes a subscription that is unsubscribed.
            complete: () => isOver || observer.complete(),
          });
        } catch (error) {
          // The input cannot be encoded.
          observer.error(TRPCClientError.from(toTelltaleError(error)));
        }
      });
      return leave;
    });

  /** Closes the socket for good, and waits up to 3 s until it is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    this.#pause.end();
    await closeWebSocket(this.#client);
  }

  async #nextUrl(): Promise<string> {
    const ms = this.#pauseMs;
    this.#pauseMs = 0;
    if (ms > 0) await this.#pause.wait(ms);
    this.#assertNotClosed();
    this.#authorization = await this.#authorize();
    this.#assertNotClosed();
    this.#dialledAt = performance.now();
    return this.#options.url;
  }

  async #authorize(): Promise<string> {
    const { credentials } = this.#options;
    try {
      return await credentials.forConnection({
        wait: (ms) => this.#pause.wait(ms),
        isOver: () => this.#isClosed || this.#observers.size === 0,
      });
    } catch (error) {
      this.#fail(toTelltaleError(error));
      throw error;
    }
  }

  #fail(error: TelltaleError): void {
    const failure = TRPCClientError.from<AnyTRPCRouter>(error);
    const observers = [...this.#observers];
    for (const [, leave] of observers) leave();
    // Otherwise tRPC would go on trying. It opens a socket again for the next subscription.
    void this.#client.close();
    for (const [observer] of observers) observer.error?.(failure);
  }

  // A subscription is a call, for which `auth` may return the token of another user than for the open socket.
  #withCredentials(send: () => void): void {
    const { credentials } = this.#options;
    if (credentials.isFixed || this.#client.connection?.state !== "open") send();
    else credentials.authorization().then(send, send);
  }

  #assertNotClosed(): void {
    if (this.#isClosed) throw new TelltaleError("closed", "The client was closed");
  }

  #closed(): void {
    if (!this.#isHandOff || this.#client.connection?.state === "open") return;
    this.#isHandOff = false;
    this.#pause.restart(this.#delay.cutShortMs());
  }

  #enter(observer: ReplyObserver, leave: () => void): void {
    clearTimeout(this.#idle);
    if (this.#observers.size === 0) this.#removeWakeListener = this.#options.wake.on(() => this.#wakeUp());
    this.#observers.set(observer, leave);
  }

  #leave(observer: ReplyObserver): void {
    if (!this.#observers.delete(observer) || this.#observers.size > 0) return;
    this.#removeWakeListener();
    // tRPC's client opens a socket again for the next subscription.
    this.#idle = setTimeout(() => {
      void this.#client.close();
      // Otherwise `auth` would be called until it succeeds.
      this.#pause.end();
    }, IDLE_CLOSE_MS);
  }

  // After a sleep, the timers of the page go on where they stopped, and a socket that was lost in the meantime still looks open.
  #wakeUp(): void {
    this.#pause.end();
    const ws = this.#client.connection?.ws;
    if (!ws) return;
    this.#pulses.get(ws)?.check();
    const isSlow = performance.now() - this.#dialledAt > SLOW_TO_OPEN_MS;
    if (ws.readyState === ws.CONNECTING && isSlow) ws.close();
  }

  #watched(Base: typeof WebSocket): typeof WebSocket {
    const watch = (ws: WebSocket): void => {
      const pulse = new Pulse(ws, {
        isUsed: () => this.#observers.size > 0,
        onDoubt: () => this.#tell({ type: "state", state: "connecting", error: null }),
        onProof: () => this.#tell({ type: "started" }),
      });
      this.#pulses.set(ws, pulse);
      // From the start, so that it does not stay the connection of a user who changes while it is being opened.
      const unfollow = this.#options.credentials.follow(this.#authorization, () => dropWebSocket(ws));
      ws.addEventListener("close", unfollow);
    };
    return class extends Base {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        watch(this);
      }
    };
  }

  #tell(result: ConnectionNews): void {
    for (const observer of [...this.#observers.keys()]) observer.next?.({ result });
  }
}
