import { WebSocket } from "ws";
import type { Intake } from "./intake.js";

type Send = Parameters<WebSocket["send"]>;

/** A WebSocket whose frames go through an intake before tRPC's adapter or any other listener receives them. */
export class GuardedSocket extends WebSocket {
  #intake: Intake | null = null;
  #onSent: () => void = () => {};

  /** Sends all further frames through this intake. */
  receiveWith(intake: Intake): void {
    this.#intake = intake;
  }

  /** Calls the listener after each message that is sent. */
  onSent(listener: () => void): void {
    this.#onSent = listener;
  }

  /** Passes a frame to the listeners. */
  pass(data: Buffer, isBinary: boolean): void {
    super.emit("message", data, isBinary);
  }

  /** Sends an answer to a call that was never passed on. */
  answer(text: string): void {
    if (this.readyState !== this.OPEN) return;
    super.send(text, () => this.#intake?.work());
    this.#onSent();
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
    // Once the data has left, there may be room for calls that wait.
    super.send(data, () => this.#intake?.work());
    this.#intake.sent(data);
    this.#onSent();
  }
}
