import { connect, type Socket } from "node:net";
import type { ArmedDrop } from "./armed-drops.js";

/** Where a proxy forwards to: a TCP port on this machine, or a unix socket. */
export type ProxyTarget = { readonly port: number } | { readonly path: string };

/** "up" is from the client to the target, "down" is from the target to the client. */
export type LinkDirection = "up" | "down";

/** How the proxy controls a link. */
export interface LinkRules {
  /** Whether data in this direction is held back now. */
  readonly isHeld: (direction: LinkDirection) => boolean;
  /** Returns the fault to apply to this request, if there is one. */
  readonly takeDrop: (request: Buffer) => ArmedDrop | undefined;
  /** Called when both sides of the link are closed. */
  readonly onClosed: () => void;
}

/** One client's connection through the proxy. */
export class ProxyLink {
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #rules: LinkRules;
  #dropsReply: ArmedDrop | undefined;

  constructor(client: Socket, target: ProxyTarget, rules: LinkRules) {
    this.#client = client;
    this.#target = connect({ ...target, allowHalfOpen: true });
    this.#rules = rules;
    client.on("data", (data) => this.#onRequest(data));
    this.#target.on("data", (data) => this.#onReply(data));
    this.#join(client, this.#target);
    this.#join(this.#target, client);
    this.applyHold();
  }

  /** Pauses or resumes reading each side, depending on the proxy's mode and on backpressure from the other side. */
  applyHold(): void {
    flow(this.#client, !this.#rules.isHeld("up") && !this.#target.writableNeedDrain);
    flow(this.#target, !this.#rules.isHeld("down") && !this.#client.writableNeedDrain);
  }

  /** Resets the client's connection, and ends the target's. */
  cut(): void {
    if (!this.#client.destroyed) this.#client.resetAndDestroy();
    this.#target.destroy();
  }

  #join(from: Socket, to: Socket): void {
    // Otherwise the kernel may delay small packets by 40 ms, which slows down everything behind the proxy.
    from.setNoDelay(true);
    from.on("drain", () => this.applyHold());
    // While a side is paused, its end is not forwarded either, like on a network that drops all packets.
    from.on("end", () => to.end());
    from.on("error", () => this.cut());
    from.on("close", () => {
      if (!to.destroyed) to.end();
      if (!to.closed) return;
      this.#dropsReply?.done();
      this.#rules.onClosed();
    });
  }

  #onRequest(data: Buffer): void {
    const drop = this.#dropsReply === undefined ? this.#rules.takeDrop(data) : undefined;
    if (drop?.what === "request") {
      this.cut();
      drop.done();
      return;
    }
    if (drop?.what === "reply") this.#dropsReply = drop;
    this.#target.write(data);
    this.applyHold();
  }

  #onReply(data: Buffer): void {
    if (this.#dropsReply !== undefined) {
      this.cut();
      return;
    }
    this.#client.write(data);
    this.applyHold();
  }
}

function flow(socket: Socket, isOpen: boolean): void {
  if (isOpen) socket.resume();
  else socket.pause();
}
