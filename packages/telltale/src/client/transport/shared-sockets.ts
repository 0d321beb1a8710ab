import { observable, type Unsubscribable } from "@trpc/server/observable";
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

  /** Returns a link that sends calls over an open socket, or over HTTP if there is none. */
  readonly calls = (http: OperationLink): OperationLink => {
    return (request) =>
      observable((observer) => {
        let subscription: Unsubscribable | undefined;
        let isOver = false;
        const send = (link: OperationLink): void => {
          if (!isOver) subscription = link(request).subscribe(observer);
        };
        const overSocket = (): void => send(this.#open?.call ?? http);
        const { credentials } = this.#options;
        if (!this.#open || credentials.isFixed) overSocket();
        // If the token is another user's, this closes the socket. If there is none, the call over HTTP says so.
        else credentials.authorization().then(overSocket, () => send(http));
        return () => {
          isOver = true;
          subscription?.unsubscribe();
        };
      });
  };

  /** Closes all sockets for good. */
  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }

  get #open(): SharedSocket | undefined {
    return this.#sockets.find(({ isOpen }) => isOpen);
  }

  #add(): SharedSocket {
    const socket = new SharedSocket({ ...this.#options, url: this.#options.url() });
    this.#sockets.push(socket);
    return socket;
  }
}
