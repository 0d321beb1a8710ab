import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { Intake } from "./intake.js";

type Send = Parameters<WebSocket["send"]>;

/** A WebSocket whose frames go through an intake before tRPC's adapter or any other listener receives them. */
export class GuardedSocket extends WebSocket {
  #intake: Intake | null = null;
  #stream: Duplex | null = null;
  #onSent: () => void = () => {};
  /** The number of those who want to know `lastReply`. */
  #keepers = 0;
  #lastReply: string | null = null;
  // Once the data has left, there may be room for calls that wait.
  readonly #left = (): void => this.#intake?.work();

  /** Sends all further frames through this intake. `stream` is the connection. */
  receiveWith(intake: Intake, stream: Duplex): void {
    this.#intake = intake;
    this.#stream = stream;
  }

  /** Calls the listener after each message that is sent. */
  onSent(listener: () => void): void {
    this.#onSent = listener;
  }

  /** Passes a frame to the listeners. */
  pass(data: Buffer, isBinary: boolean): void {
    super.emit("message", data, isBinary);
  }

  /** Sends a message that is not tRPC's: an answer to a call that was never passed on, or an event. Returns false if the socket is closed. */
  push(text: string): boolean {
    if (this.readyState !== this.OPEN) return false;
    super.send(text, this.#left);
    this.#onSent();
    return true;
  }

  /** Says that one more, or one less, wants to know `lastReply`. */
  keepReplies(change: 1 | -1): void {
    this.#keepers += change;
  }

  /** The message that tRPC's adapter has just sent, in this turn. Null if it sent none. */
  get lastReply(): string | null {
    return this.#lastReply;
  }

  /** Closes the socket. No further call starts. */
  override close(code?: number, reason?: string): void {
    this.#intake?.end();
    super.close(code, reason);
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const [data, isBinary] = args;
    if (event !== "message" || !this.#intake || !Buffer.isBuffer(data)) return super.emit(event, ...args);
    this.#intake.receive(data, isBinary === true);
    return true;
  }

  override send(data: Send[0], done?: Send[2]): void;
  override send(...args: Send): void;
  override send(data: Send[0], ...rest: never[]): void {
    if (!this.#intake || typeof data !== "string" || rest.length > 0) {
      super.send(data, ...rest);
      return;
    }
    this.#cork();
    super.send(data, this.#left);
    if (this.#keepers > 0) this.#keep(data);
    this.#intake.sent(data);
    this.#onSent();
  }

  // What the adapter sends in one turn leaves in one write: a call of the system costs more than a short message.
  #cork(): void {
    const stream = this.#stream;
    if (!stream || stream.writableCorked > 0) return;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }

  #keep(reply: string): void {
    this.#lastReply = reply;
    queueMicrotask(() => {
      this.#lastReply = null;
    });
  }
}
