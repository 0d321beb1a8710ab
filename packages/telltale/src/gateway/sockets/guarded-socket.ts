import { WebSocket } from "ws";
import type { FrameGuard } from "./frame-guard.js";

type Send = Parameters<WebSocket["send"]>;

/** A WebSocket whose frames are checked by a guard before tRPC's adapter or any other listener receives them. */
export class GuardedSocket extends WebSocket {
  #guard: FrameGuard | null = null;

  /** Checks all further frames with this guard. */
  guardWith(guard: FrameGuard): void {
    this.#guard = guard;
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const [data, isBinary] = args;
    if (event === "message" && this.#guard && !this.#guard.admits(data, isBinary === true)) return true;
    return super.emit(event, ...args);
  }

  override send(data: Send[0], done?: Send[2]): void;
  override send(...args: Send): void;
  override send(data: Send[0], ...rest: never[]): void {
    super.send(data, ...rest);
    for (const frame of this.#guard?.framesAfter(data) ?? []) super.emit("message", frame, false);
  }
}
