import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AnyTRPCRouter } from "@trpc/server";
import { type Logger, TelltaleError } from "../core/index.js";
import { assertKnownOptions, assertNode, assertSameVersion, loggerOf, observeFor } from "../core/internal.js";
import { assertTrpcServer, Budgets } from "../trpc/internal.js";
import { AddressPlaces } from "./admission/address-places.js";
import { Admissions } from "./admission/admissions.js";
import { Callers } from "./admission/callers.js";
import { Connections } from "./admission/connections.js";
import { GATEWAY_LIMITS, type GatewayLimits } from "./admission/limits.js";
import { Outputs } from "./admission/outputs.js";
import { assertTransformer, warnOfUnsafeTransformer } from "./assert-transformer.js";
import { BodyBudget } from "./http/body-budget.js";
import { createClientAddress } from "./http/client-address.js";
import { guardedRouter } from "./http/guarded-router.js";
import { createProbes } from "./http/probes.js";
import { refuse } from "./http/refuse.js";
import { refusedOrigins } from "./http/refused-origins.js";
import { assertPath } from "./http/target.js";
import type { AttachOptions, GatewayOptions } from "./options.js";
import { assertServer } from "./server/assert-server.js";
import { Mount, type MountScope } from "./server/mount.js";
import { Port } from "./server/port.js";
import { Sockets } from "./sockets/sockets.js";

/** The address a gateway listens on. `url` does not include the router's path. */
export interface GatewayAddress {
  readonly port: number;
  readonly host: string;
  readonly url: string;
}

/** Serves a tRPC router on its own port or on existing HTTP servers. Created by `createGateway`. */
export interface Gateway extends AsyncDisposable {
  /**
   * Listens on a port; 0 picks a free one. Rejects with `invalid_config` if the port cannot be opened or the gateway is
   * already listening, and with `closed` after `close`. @default host "127.0.0.1"
   */
  listen(port: number, host?: string): Promise<GatewayAddress>;
  /**
   * Serves the router at `path` on an existing server of node:http or node:https, before or after the server listens.
   * HTTP, SSE and WebSocket requests at or below `path` go to the gateway and never reach the server's own listeners
   * (Express, Fastify, Next.js, other WebSocket servers). All other requests reach only those, unchanged.
   *
   * All limits apply except `headersMs` and `keepAliveMs`, for which the server's own settings are used.
   *
   * Close the gateway before the server, because `server.close()` waits for every WebSocket and event stream to end.
   *
   * Throws `invalid_config` for other kinds of servers and if a gateway is already attached at the same or a nested
   * path, and `closed` after `close`. A gateway can be attached to several servers.
   */
  attach(server: Server, options?: AttachOptions): void;
  /**
   * Shuts down gracefully. The gateway closes its own port at once, reports that it is not ready on servers that it is
   * attached to, accepts no new sockets, asks connected clients to reconnect, and waits for calls in progress. Sockets
   * that are still open after `graceMs` (in ms) are closed with code 1012. Attached servers keep listening without the
   * gateway. Safe to call before `listen` and more than once. @default graceMs the `graceMs` of the gateway's limits
   */
  close(options?: Readonly<{ graceMs?: number }>): Promise<void>;
  /**
   * Closes the WebSockets of a subject with code 4401 and ends the subject's event streams, for example after a logout. Clients
   * connect again with new credentials, so revoke the old ones first. Returns the number of connections. Call it in each
   * process that runs a gateway. Only callers of a jobs router are known.
   */
  disconnect(subjectId: string): number;
  /**
   * TCP connections in use. On the gateway's own port these are all open connections. On an attached server they are
   * the connections with a call, event stream or WebSocket of the gateway in progress.
   */
  readonly connections: number;
  /** Number of open WebSockets. */
  readonly sockets: number;
  /** Number of subscriptions that were admitted and have not ended yet. */
  readonly subscriptions: number;
}

/**
 * Serves a tRPC router over HTTP, SSE and WebSocket on one port and path. It adds the limits, Origin check,
 * backpressure and graceful shutdown that tRPC's adapters leave to the host application. Throws `invalid_config` if the
 * router's transformer does not preserve Dates, if an origin is one that no browser sends, or if the path is invalid.
 */
export function createGateway<R extends AnyTRPCRouter>(options: GatewayOptions<R>): Gateway {
  assertNode();
  assertTrpcServer();
  assertKnownOptions("createGateway", options, {
    ...{ router: true, createContext: true, origins: true, path: true, ready: true, fallback: true, metrics: true },
    ...{ logger: true, observer: true, limits: true, trustProxy: true },
  });
  assertTransformer(options.router);
  for (const procedure of Object.values<object>(options.router._def.procedures)) {
    assertSameVersion("The jobs router of this gateway", procedure);
  }
  return new TrpcGateway(options);
}

/** How long after its creation a gateway that is not used is reported, in ms. */
const UNUSED_MS = 1_000;

class TrpcGateway implements Gateway {
  readonly #limits: GatewayLimits;
  readonly #logger: Logger;
  readonly #connections = new Connections();
  readonly #sockets: Sockets;
  readonly #admissions: Admissions;
  readonly #callers = new Callers();
  readonly #port: Port;
  readonly #mount: (server: Server, scope: MountScope) => void;
  readonly #mounts: Mount[] = [];
  readonly #unused: NodeJS.Timeout;
  #opening: Promise<number> | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: GatewayOptions) {
    const { createContext, fallback, metrics, ready } = options;
    for (const name of Object.keys(options.limits ?? {})) {
      if (Object.hasOwn(GATEWAY_LIMITS, name)) continue;
      const names = Object.keys(GATEWAY_LIMITS).join(", ");
      throw new TelltaleError("invalid_config", `There is no limit ${JSON.stringify(name)}. The limits are ${names}`);
    }
    const limits = { ...GATEWAY_LIMITS, ...given(options.limits ?? {}) };
    const logger = loggerOf(options.logger);
    const observe = observeFor(options.observer, logger);
    warnOfUnsafeTransformer(options.router, logger);
    const path = options.path ?? "/trpc";
    assertPath(path);
    const router = guardedRouter(options.router, { pingMs: limits.pingMs, logger });
    const isDraining = (): boolean => this.#closing !== null;
    const connections = this.#connections;
    const outputs = new Outputs(limits.totalBufferBytes);
    const pace = new Budgets({
      amount: limits.callsPerSecondPerAddress,
      perMs: 1_000,
      now: () => performance.now(),
    });
    const callers = this.#callers;
    const admissions = new Admissions(limits);
    const sockets = new Sockets({ router, createContext, limits, logger, observe, outputs, pace, admissions, callers });
    const probes = createProbes({ ready, metrics, readyMs: limits.readyMs, isDraining, logger });
    const { origins = [], trustProxy = 0 } = options;
    const addressOf = createClientAddress(trustProxy);
    const addresses = new AddressPlaces(limits.connectionsPerAddress, logger);
    const bodies = new BodyBudget(limits.bodiesBytes);
    const told = { logger, observe, onRefusedOrigin: refusedOrigins(logger) };
    const parts = {
      ...{ path, router, createContext, origins, limits, probes, sockets, connections, isDraining, ...told },
      ...{ outputs, pace, bodies, admissions, callers, addresses, addressOf },
    };
    this.#limits = limits;
    this.#logger = logger;
    this.#sockets = sockets;
    this.#mount = (server, scope) => this.#mounts.push(new Mount(server, scope, parts));
    this.#admissions = admissions;
    // Behind proxies, all connections come from the address of a proxy.
    this.#port = new Port({ limits, connections, logger, addresses: trustProxy === 0 ? addresses : null });
    this.#mount(this.#port.server, { probes: true, fallback: fallback ?? notFound });
    this.#unused = setTimeout(
      () => logger.warn({ path }, "the gateway neither listens nor is attached: call listen() or attach(server)"),
      UNUSED_MS,
    );
    // A process that creates a gateway and does not use it may end.
    this.#unused.unref();
  }

  get connections(): number {
    return this.#connections.size;
  }

  get sockets(): number {
    return this.#sockets.size;
  }

  get subscriptions(): number {
    return this.#admissions.size;
  }

  async listen(port: number, host = "127.0.0.1"): Promise<GatewayAddress> {
    this.#assertNotClosed();
    if (this.#opening) throw new TelltaleError("invalid_config", "The gateway listens already");
    clearTimeout(this.#unused);
    this.#opening = this.#port.listen(port, host);
    try {
      const opened = await this.#opening;
      return { port: opened, host, url: `http://${host.includes(":") ? `[${host}]` : host}:${opened}` };
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }

  attach(server: Server, { probes = false }: AttachOptions = {}): void {
    this.#assertNotClosed();
    assertServer(server);
    clearTimeout(this.#unused);
    this.#mount(server, { probes });
  }

  close(options: Readonly<{ graceMs?: number }> = {}): Promise<void> {
    clearTimeout(this.#unused);
    this.#closing ??= this.#drain(options.graceMs ?? this.#limits.graceMs);
    return this.#closing;
  }

  disconnect(subjectId: string): number {
    return this.#callers.disconnect(subjectId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(graceMs: number): Promise<void> {
    await this.#opening?.catch(() => {});
    this.#logger.info({ sockets: this.sockets, connections: this.connections }, "draining");
    for (const mount of this.#mounts) mount.drain();
    // At once, because clients and load balancers notice a closed port sooner than refusals, and because the next process may
    // need the port.
    this.#port.stopListening();
    this.#sockets.askToReconnect();
    const answered = this.#mounts.map((mount) => mount.answered(graceMs));
    const left = await Promise.all([this.#sockets.left(graceMs), ...answered]);
    if (left.includes(false)) this.#logger.warn({ sockets: this.sockets }, "clients stayed past the grace");
    await this.#sockets.close();
    await this.#port.close();
    for (const mount of this.#mounts) mount.detach();
  }

  #assertNotClosed(): void {
    if (this.#closing) throw new TelltaleError("closed", "The gateway was closed");
  }
}

function notFound(_req: IncomingMessage, res: ServerResponse): void {
  refuse(res, 404);
}

// An option that is set to undefined means the default.
function given(limits: NonNullable<GatewayOptions["limits"]>): Partial<GatewayLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
