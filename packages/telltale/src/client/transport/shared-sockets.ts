import type { OperationLink } from "./operation.js";
import { SharedSocket, type SharedSocketOptions } from "./shared-socket.js";

/** The gateway's limit `subscriptionsPerSocket`. */
const SUBSCRIPTIONS_PER_SOCKET = 100;

/** The options of `SharedSockets`. */
export interface SharedSocketsOptions extends Omit<SharedSocketOptions, "url"> {
  /** Throws if the address can not be used here. */
  readonly url: () => string;
}

/** As many WebSockets as a client's subscriptions need: one for each hundred. */
export class SharedSockets {
  readonly #options: SharedSocketsOptions;
  readonly #sockets: SharedSocket[] = [];

  constructor(options: SharedSocketsOptions) {
    this.#options = options;
  }

  /** Sends a subscription over the first socket that has room for it. */
  readonly link: OperationLink = (request) => {
    const roomy = this.#sockets.find(({ size }) => size < SUBSCRIPTIONS_PER_SOCKET);
    return (roomy ?? this.#add()).link(request);
  };

  /** Closes all sockets for good. */
  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }

  #add(): SharedSocket {
    const socket = new SharedSocket({ ...this.#options, url: this.#options.url() });
    this.#sockets.push(socket);
    return socket;
  }
}
