import type { WebSocket } from "ws";
import { onAbort } from "../../core/internal.js";
import type { Caller, Sink } from "../../trpc/internal.js";
import type { Admissions } from "../admission/admissions.js";
import type { CallerConnection, Callers } from "../admission/callers.js";
import { CLOSE_CODES } from "./close-codes.js";

// ws has no drain event, and that of its TCP socket ignores what ws itself buffers. 20 ms is one or two screen frames.
const LOOK_EVERY_MS = 20;

/**
 * The sink through which procedures see a WebSocket. All subscriptions of a socket share one, as they share its buffer.
 */
export class SocketSink implements Sink {
  readonly transport = "ws";
  readonly address: string;
  readonly ws: WebSocket;
  readonly #admissions: Admissions;
  readonly #callers: Callers;
  readonly #connection: CallerConnection;
  readonly #bufferBytes: number;
  readonly #waiting = new Set<() => void>();
  #look: NodeJS.Timeout | null = null;

  constructor(
    ws: WebSocket,
    {
      address,
      admissions,
      callers,
      bufferBytes,
    }: Readonly<{ address: string; admissions: Admissions; callers: Callers; bufferBytes: number }>,
  ) {
    this.address = address;
    this.ws = ws;
    this.#admissions = admissions;
    this.#callers = callers;
    this.#connection = { end: () => ws.close(CLOSE_CODES.credentialsExpired, "credentials expired") };
    this.#bufferBytes = bufferBytes;
    ws.once("close", () => {
      callers.forget(this.#connection);
      this.#wakeAll();
    });
  }

  identify(caller: Caller): void {
    if (!this.#isGone()) this.#callers.identify(this.#connection, caller);
  }

  writable(): boolean {
    return this.ws.bufferedAmount < this.#bufferBytes;
  }

  drained(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#isGone() || this.writable()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        forget();
        this.#waiting.delete(done);
        this.#rest();
        resolve();
      };
      const forget = onAbort(signal, done);
      this.#waiting.add(done);
      this.#look ??= setInterval(() => this.#wakeNext(), LOOK_EVERY_MS).unref();
    });
  }

  admit(subjectId: string): () => void {
    return this.#admissions.admit(this.ws, subjectId);
  }

  // Waiting for a closing socket would never end, because it still buffers and its bufferedAmount only grows.
  #isGone(): boolean {
    return this.ws.readyState === this.ws.CLOSED || this.ws.readyState === this.ws.CLOSING;
  }

  // Wakes one waiter per turn, so that each sees what the previous one sent. Woken together, all would find room.
  #wakeNext(): void {
    const { value: done } = this.#waiting.values().next();
    if (done === undefined || !this.writable()) return;
    done();
    setImmediate(() => this.#wakeNext());
  }

  #wakeAll(): void {
    for (const done of [...this.#waiting]) done();
  }

  #rest(): void {
    if (this.#waiting.size > 0 || this.#look === null) return;
    clearInterval(this.#look);
    this.#look = null;
  }
}
