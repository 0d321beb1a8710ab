import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "../core/index.js";
import { TelltaleError } from "../core/index.js";
import type { GatewayLimits } from "./admission/limits.js";
import { refuseSocket } from "./http/refuse.js";

// Room above the limit in which a refusal can still be said; beyond it Node drops connections without a word.
const ROOM_TO_REFUSE = 100;
const TIMEOUT_CHECK_MS = 1_000;

/** What the listener hands on. */
export interface ListenerOptions {
  readonly limits: GatewayLimits;
  readonly logger: Logger;
  readonly onRequest: (req: IncomingMessage, res: ServerResponse) => void;
  readonly onUpgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** The port: an HTTP server that slow, malformed and too many peers cannot hold. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();

  constructor({ limits, logger, onRequest, onUpgrade }: ListenerOptions) {
    this.#server = createServer(
      {
        headersTimeout: limits.headersMs,
        requestTimeout: Math.max(limits.requestMs, limits.headersMs),
        keepAliveTimeout: limits.keepAliveMs,
        connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, limits.headersMs),
      },
      onRequest,
    );
    // One more than allowed, so that a request over the limit can be told from one at it: Node drops the rest silently.
    this.#server.maxHeadersCount = limits.headers + 1;
    this.#server.maxConnections = limits.connections + ROOM_TO_REFUSE;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("upgrade", (req, socket, head) => {
      socket.on("error", () => {}); // Nobody else listens until the WebSocket takes over, or ever after a refusal.
      onUpgrade(req, socket, head);
    });
    this.#server.on("clientError", (error, socket) => refuseSocket(socket, statusOf(error)));
    this.#server.on("error", (error) => logger.error({ error: error.name }, "the listener failed"));
  }

  /** Open TCP connections, whatever is spoken on them. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Opens the port. Rejects with `invalid_config` when it cannot be had. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const onError = (cause: Error): void => {
        this.#server.off("listening", onListening);
        reject(new TelltaleError("invalid_config", refusedPort(cause, port, host), { cause }));
      };
      const onListening = (): void => {
        this.#server.off("error", onError);
        const address = this.#server.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      };
      this.#server.once("error", onError);
      this.#server.once("listening", onListening);
      this.#server.listen(port, host);
    });
  }

  /** Ends connections on which nothing is asked. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
  }

  /** Closes the port and cuts every connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
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
