import { createServer, type Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "../../core/index.js";
import { TelltaleError } from "../../core/index.js";
import type { AddressPlaces } from "../admission/address-places.js";
import type { Connections } from "../admission/connections.js";
import type { GatewayLimits } from "../admission/limits.js";
import { addressKey } from "../http/client-address.js";
import { refuseSocket } from "../http/refuse.js";

// The number of connections above the limit that are answered with a refusal. Node drops further ones without a
// response.
const ROOM_TO_REFUSE = 100;
const TIMEOUT_CHECK_MS = 1_000;

export interface PortOptions {
  readonly limits: GatewayLimits;
  readonly connections: Connections;
  readonly logger: Logger;
  /** Limits the connections of each address, or null if these are the addresses of proxies. */
  readonly addresses: AddressPlaces | null;
}

/** The gateway's own HTTP server, with limits against slow clients, malformed requests and too many connections. */
export class Port {
  /** The server that the gateway is attached to. */
  readonly server: Server;
  readonly #sockets = new Set<Duplex>();
  #closed: Promise<void> | null = null;

  constructor({ limits, connections, logger, addresses }: PortOptions) {
    this.server = createServer({
      headersTimeout: limits.headersMs,
      requestTimeout: Math.max(limits.requestMs, limits.headersMs),
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, limits.headersMs),
    });
    // Node silently drops headers above this number, so one more than allowed is needed to detect a request over the
    // limit.
    this.server.maxHeadersCount = limits.headers + 1;
    this.server.maxConnections = limits.connections + ROOM_TO_REFUSE;
    this.server.on("connection", (socket) => {
      this.#sockets.add(socket);
      const leave = addresses?.take(addressKey(socket.remoteAddress), socket);
      connections.use(socket, () => {
        this.#sockets.delete(socket);
        leave?.();
      });
      if (leave === null) refuseSocket(socket, 429, 1);
    });
    this.server.on("clientError", (error, socket) => refuseSocket(socket, statusOf(error)));
    this.server.on("error", (error) => {
      // A port that cannot be had is what `listen` rejects with.
      if (this.server.listening) logger.error({ error: error.name }, "the listener failed");
    });
  }

  /** Opens the port. Rejects with `invalid_config` if it cannot be opened. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const onError = (cause: Error): void => {
        this.server.off("listening", onListening);
        reject(new TelltaleError("invalid_config", refusedPort(cause, port, host), { cause }));
      };
      const onListening = (): void => {
        this.server.off("error", onError);
        const address = this.server.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      };
      this.server.once("error", onError);
      this.server.once("listening", onListening);
      this.server.listen(port, host);
    });
  }

  /**
   * Closes the port, so that another process can open it, and connections without a request in progress. The others go on.
   */
  stopListening(): void {
    this.#closed ??= new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    this.server.closeIdleConnections();
  }

  /** Closes the port and destroys all connections. */
  async close(): Promise<void> {
    this.stopListening();
    for (const socket of this.#sockets) socket.destroy();
    await this.#closed;
  }
}

function statusOf(error: Error): number {
  const code = "code" in error ? error.code : undefined;
  if (code === "HPE_HEADER_OVERFLOW") return 431;
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
}

function refusedPort(cause: Error, port: number, host: string): string {
  const code = "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE") return `Port ${port} on ${host} is in use`;
  if (code === "EACCES") return `Port ${port} on ${host} needs more rights than this process has`;
  return `Port ${port} on ${host} cannot be opened`;
}
