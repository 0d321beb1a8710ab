import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { AnyTRPCRouter } from "@trpc/server";
import type { Logger } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import type { Budgets } from "../../trpc/internal.js";
import type { AddressPlaces } from "../admission/address-places.js";
import type { Admissions } from "../admission/admissions.js";
import type { Callers } from "../admission/callers.js";
import type { Connections } from "../admission/connections.js";
import type { GatewayLimits } from "../admission/limits.js";
import type { Outputs } from "../admission/outputs.js";
import type { CreateContext } from "../context.js";
import type { BodyBudget } from "../http/body-budget.js";
import { createCalls } from "../http/calls.js";
import type { ClientAddress } from "../http/client-address.js";
import { isLoopbackHost } from "../http/loopback.js";
import { createHostCheck, createOriginCheck, type OriginVerdict } from "../http/origin.js";
import type { createProbes } from "../http/probes.js";
import { refuseSocket } from "../http/refuse.js";
import { Requests } from "../http/requests.js";
import { isAtOrBelow, pathOf } from "../http/target.js";
import { observeRefusal } from "../observe-refusal.js";
import type { Sockets } from "../sockets/sockets.js";
import { refusalOf } from "../sockets/upgrade.js";
import { intercept } from "./interceptor.js";

/** The parts of a gateway that all its mounts share. */
export interface MountParts {
  readonly path: string;
  readonly router: AnyTRPCRouter;
  readonly createContext: CreateContext;
  readonly origins: readonly string[];
  readonly limits: GatewayLimits;
  readonly probes: ReturnType<typeof createProbes>;
  readonly sockets: Sockets;
  readonly outputs: Outputs;
  readonly pace: Budgets;
  readonly bodies: BodyBudget;
  readonly admissions: Admissions;
  readonly callers: Callers;
  readonly addresses: AddressPlaces;
  readonly addressOf: ClientAddress;
  readonly connections: Connections;
  readonly isDraining: () => boolean;
  readonly logger: Logger;
  readonly observe: Observe | undefined;
  readonly onRefusedOrigin: (origin: string) => void;
}

/** The requests that a mount answers in addition to those of the router. */
export interface MountScope {
  /** Whether the mount answers /healthz, /readyz and /metrics. */
  readonly probes: boolean;
  /** Handles all other requests. Without it, they are left to the server's own listeners. */
  readonly fallback?: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
}

/** A gateway on one HTTP server. Applies the limits and passes requests at its path to the router. */
export class Mount {
  readonly #parts: MountParts;
  readonly #requests: Requests;
  readonly #checkOrigin: (req: IncomingMessage) => OriginVerdict;
  readonly #release: () => void;

  constructor(server: Server, scope: MountScope, parts: MountParts) {
    const { path, limits, logger, observe } = parts;
    this.#parts = parts;
    const isLoopback = loopbackCheck(server);
    this.#checkOrigin = createOriginCheck(parts.origins, isLoopback, parts.onRefusedOrigin);
    const probes = scope.probes ? parts.probes : () => null;
    this.#requests = new Requests({
      path,
      probes,
      call: createCalls({ ...parts, checkOrigin: this.#checkOrigin }),
      fallback: scope.fallback,
      isOurHost: createHostCheck(parts.origins, isLoopback),
      maxHeaders: limits.headers,
      maxPipelined: limits.callsInFlight,
      connections: parts.connections,
      takePlace: (req) => parts.addresses.take(parts.addressOf(req), req.socket),
      isFull: () => this.#isFull(),
      logger,
      observe,
    });
    const answers = createServer((req, res) => this.#requests.handle(req, res));
    answers.on("upgrade", (req, socket, head) => this.#upgrade(req, socket, head));
    const owns = (req: IncomingMessage): boolean => {
      if (scope.fallback) return true;
      const pathname = pathOf(req);
      return pathname !== null && (isAtOrBelow(pathname, path) || probes(pathname) !== null);
    };
    this.#release = intercept(server, { path, owns, answers });
  }

  /** See `Requests.drain`. */
  drain(): void {
    this.#requests.drain();
  }

  /** Resolves to true once all requests are answered, or to false after `timeoutMs`. */
  answered(timeoutMs: number): Promise<boolean> {
    return this.#requests.answered(timeoutMs);
  }

  /** Aborts requests that are still unanswered and stops intercepting the server's requests. */
  detach(): void {
    this.#requests.cut();
    this.#release();
  }

  #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => {}); // There is no other listener until the WebSocket opens, and none after a refusal.
    const { path, limits, sockets, connections, isDraining, logger, observe, addressOf, addresses } = this.#parts;
    const address = addressOf(req);
    const leave = addresses.take(address, socket);
    connections.use(socket, () => leave?.());
    const refusal = refusalOf(req, {
      path,
      origin: this.#checkOrigin(req),
      isDraining: isDraining(),
      isFull: this.#isFull(),
      hasPlace: leave !== null,
      maxHeaders: limits.headers,
    });
    if (refusal === null) {
      sockets.accept({ req, socket, head, address });
      return;
    }
    logger.debug({ status: refusal.status }, "an upgrade was rejected");
    observeRefusal(observe, "ws", refusal.status);
    refuseSocket(socket, refusal.status, refusal.retryAfterS);
  }

  // The connection of the current request is already counted.
  #isFull(): boolean {
    return this.#parts.connections.size > this.#parts.limits.connections;
  }
}

/** Whether the server listens on loopback. A server that is closing has no address but still has connections. */
function loopbackCheck(server: Server): () => boolean {
  let isLoopback = false;
  return () => {
    const address = server.address();
    if (address !== null) isLoopback = typeof address === "object" && isLoopbackHost(address.address);
    return isLoopback;
  };
}
