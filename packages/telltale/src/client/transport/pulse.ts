import { dropWebSocket } from "./close-web-socket.js";

/** After this time without a message, the server is asked for one. */
const ASK_AFTER_MS = 5_000;
/** After this time without an answer, the connection is lost. Answers can wait behind 64 KB of events on a slow line. */
const ANSWER_MS = 8_000;
/** The same for a page that just woke up, whose connection is probably lost if the answer takes longer than `DOUBT_MS`. */
const ANSWER_AWAKE_MS = 3_000;
const DOUBT_MS = 500;

/** What a `Pulse` reports about its socket. */
export interface PulseListener {
  /** Whether anybody needs the socket. Otherwise the server is not asked, so that an unused socket can be closed. */
  readonly isUsed: () => boolean;
  /** The socket is probably dead. */
  readonly onDoubt: () => void;
  /** It is not. */
  readonly onProof: () => void;
}

/**
 * Drops a WebSocket that has been silent for 13 s. tRPC's own keep-alive closes a socket of which only the pong is late, and waits for
 * the answer to the close.
 */
export class Pulse {
  readonly #ws: WebSocket;
  readonly #listener: PulseListener;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #doubt: ReturnType<typeof setTimeout> | undefined;
  #state: "calm" | "asked" | "checked" | "doubted" = "calm";

  constructor(ws: WebSocket, listener: PulseListener) {
    this.#ws = ws;
    this.#listener = listener;
    ws.addEventListener("open", () => this.#heard());
    ws.addEventListener("message", () => this.#heard());
    ws.addEventListener("close", () => this.#clear());
  }

  /** Asks the server for an answer at once, and waits less long for it. Does nothing for a socket that is not open. */
  check(): void {
    if (this.#ws.readyState !== this.#ws.OPEN || this.#state === "checked" || this.#state === "doubted") return;
    this.#clear();
    this.#state = "checked";
    this.#ask(ANSWER_AWAKE_MS);
    this.#doubt = setTimeout(() => {
      this.#state = "doubted";
      this.#listener.onDoubt();
    }, DOUBT_MS);
  }

  #heard(): void {
    const isProof = this.#state === "doubted";
    this.#clear();
    this.#state = "calm";
    this.#timer = setTimeout(() => this.#silent(), ASK_AFTER_MS);
    if (isProof) this.#listener.onProof();
  }

  #silent(): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#state = "asked";
    if (this.#listener.isUsed()) this.#ask(ANSWER_MS);
    else this.#heard();
  }

  #ask(answerMs: number): void {
    this.#ws.send("PING");
    this.#timer = setTimeout(() => dropWebSocket(this.#ws), answerMs);
  }

  #clear(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#doubt);
  }
}
