import { observable } from "@trpc/server/observable";
import { toTelltaleError } from "../to-telltale-error.js";
import type { OperationLink } from "./operation.js";
import { SharedSocket, type SharedSocketOptions } from "./shared-socket.js";

/** The default of the gateway's limit `subscriptionsPerSocket`. */
const SUBSCRIPTIONS_PER_SOCKET = 100;

/** The options of `SharedSockets`. */
export interface SharedSocketsOptions extends Omit<SharedSocketOptions, "url"> {
  /** Throws if the address can not be used here. */
  readonly url: () => string;
}

/**
 * As many WebSockets as a client's subscriptions need: one for each hundred, or for as many as the server allows. The client learns a
 * lower limit from the server's first refusal.
 */
export class SharedSockets {
  readonly #options: SharedSocketsOptions;
  readonly #sockets: SharedSocket[] = [];
  #perSocket = SUBSCRIPTIONS_PER_SOCKET;

  constructor(options: SharedSocketsOptions) {
    this.#options = options;
  }

  /** Sends a subscription over the first socket that has room for it. */
  readonly link: OperationLink = (request) =>
    observable((observer) => {
      const roomy = this.#sockets.find(({ size }) => size < this.#perSocket);
      return (roomy ?? this.#add()).link(request).subscribe({
        ...observer,
        error: (error) => {
          const { subscriptionsPerSocket: most } = Object(toTelltaleError(error).data);
          if (most > 0) this.#perSocket = most;
          observer.error(error);
        },
      });
    });

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
