import { createWSClient, type TRPCWebSocketClient, wsLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { IDLE_CLOSE_MS, platformWebSocket } from "#web-socket";
import { TelltaleError } from "../../core/index.js";
import { closeWebSocket, dropWebSocket } from "./close-web-socket.js";
import type { ConnectionNews, OperationLink, ReplyObserver } from "./operation.js";
import { Pause } from "./pause.js";
import { probe } from "./probe.js";
import { ReconnectDelay } from "./reconnect-delay.js";
import { transformer } from "./transformer.js";
import type { Wake } from "./wake.js";

/** A connection that takes longer to open is given up when the page wakes up. */
const SLOW_TO_OPEN_MS = 1_000;

/** The options of `SharedSocket`. */
export interface SharedSocketOptions {
  readonly url: string;
  readonly authorization: () => Promise<string>;
  readonly wake: Wake;
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
  readonly #observers = new Set<ReplyObserver>();
  #pauseMs = 0;
  #dialledAt = 0;
  /** The socket that has to show that it is alive. */
  #probed: WebSocket | null = null;
  #isClosed = false;
  #removeWakeListener: () => void = () => {};

  constructor(options: SharedSocketOptions) {
    this.#options = options;
    this.#client = createWSClient({
      url: () => this.#nextUrl(),
      WebSocket: platformWebSocket(),
      connectionParams: async () => ({ authorization: await options.authorization() }),
      lazy: { enabled: true, closeMs: IDLE_CLOSE_MS },
      // On a slow line, a pong can be delayed by 8 s behind 64 KB of events. The timeout must be shorter than the interval.
      keepAlive: { enabled: true, intervalMs: 12_000, pongTimeoutMs: 8_000 },
      onOpen: () => this.#delay.opened(),
      retryDelayMs: (n) => {
        this.#pauseMs = this.#delay.delayMs(n, this.#client.connection?.state === "open");
        return 0;
      },
    });
    this.#subscribe = wsLink<AnyTRPCRouter>({ client: this.#client, transformer })({});
  }

  /** Sends a subscription over this socket, which opens for the first one. */
  readonly link: OperationLink = (request) => {
    const replies = this.#subscribe(request);
    return {
      pipe: replies.pipe,
      subscribe: (observer) => {
        const leave = (): void => this.#leave(observer);
        this.#enter(observer);
        const subscription = replies.subscribe({
          ...observer,
          error: (error) => {
            leave();
            observer.error?.(error);
          },
          complete: () => {
            leave();
            observer.complete?.();
          },
        });
        return {
          unsubscribe: () => {
            leave();
            subscription.unsubscribe();
          },
        };
      },
    };
  };

  /** Closes the socket for good, and waits up to 3 s until it is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pause.end();
    await closeWebSocket(this.#client);
  }

  async #nextUrl(): Promise<string> {
    const ms = this.#pauseMs;
    this.#pauseMs = 0;
    if (ms > 0) await this.#pause.wait(ms);
    if (this.#isClosed) throw new TelltaleError("closed", "The client was closed");
    this.#dialledAt = performance.now();
    return this.#options.url;
  }

  #enter(observer: ReplyObserver): void {
    if (this.#observers.size === 0) this.#removeWakeListener = this.#options.wake.on(() => this.#wakeUp());
    this.#observers.add(observer);
  }

  #leave(observer: ReplyObserver): void {
    if (this.#observers.delete(observer) && this.#observers.size === 0) this.#removeWakeListener();
  }

  // After a sleep, the timers of the page go on where they stopped, and a socket that was lost in the meantime still looks open.
  #wakeUp(): void {
    this.#pause.end();
    const ws = this.#client.connection?.ws;
    if (!ws) return;
    if (ws.readyState === ws.OPEN) this.#probe(ws);
    const isSlow = performance.now() - this.#dialledAt > SLOW_TO_OPEN_MS;
    if (ws.readyState === ws.CONNECTING && isSlow) ws.close();
  }

  #probe(ws: WebSocket): void {
    if (this.#probed === ws) return;
    this.#probed = ws;
    probe(ws, {
      onQuiet: () => this.#tell({ type: "state", state: "connecting", error: null }),
      onAnswer: () => {
        this.#probed = null;
        this.#tell({ type: "started" });
      },
      onDead: () => dropWebSocket(ws),
    });
  }

  #tell(result: ConnectionNews): void {
    for (const observer of [...this.#observers]) observer.next?.({ result });
  }
}
