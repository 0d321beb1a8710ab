import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AnyTRPCRouter } from "@trpc/server";
import { type Logger, TelltaleError } from "../core/index.js";
import { assertNode, assertSameVersion, loggerOf, type Observe, observeFor } from "../core/internal.js";
import { assertTrpcServer } from "../trpc/internal.js";
import { GATEWAY_LIMITS, type GatewayLimits } from "./admission/limits.js";
import { assertTransformer } from "./assert-transformer.js";
import { createCalls } from "./http/calls.js";
import { guardedRouter } from "./http/guarded-router.js";
import { isLoopbackHost } from "./http/loopback.js";
import { createOriginCheck, type OriginVerdict } from "./http/origin.js";
import { createProbes } from "./http/probes.js";
import { refuseSocket } from "./http/refuse.js";
import { refusedOrigins } from "./http/refused-origins.js";
import { Requests } from "./http/requests.js";
import { assertPath } from "./http/target.js";
import { Listener } from "./listener.js";
import { observeRefusal } from "./observe-refusal.js";
import type { GatewayOptions } from "./options.js";
import { Sockets } from "./sockets/sockets.js";
import { refusalOf } from "./sockets/upgrade.js";

/** Where a gateway listens. `url` is without the router's path. */
export interface GatewayAddress {
  readonly port: number;
  readonly host: string;
  readonly url: string;
}

/** A tRPC router on a port. Made by `createGateway`. */
export interface Gateway extends AsyncDisposable {
  /** Opens the port, once; 0 picks a free one. Rejects with `invalid_config` when it cannot be had. @default host "127.0.0.1" */
  listen(port: number, host?: string): Promise<GatewayAddress>;
  /**
   * Drains and closes: not ready, no new sockets, clients asked to connect elsewhere, calls in progress finished; what is
   * left after the grace is closed with 1012 and cut. Calling it again, or before `listen`, is safe.
   */
  close(options?: Readonly<{ graceMs?: number }>): Promise<void>;
  /** Open TCP connections, WebSocket and HTTP together. */
  readonly connections: number;
  /** Open WebSockets. */
  readonly sockets: number;
  /** Subscriptions that were admitted and not yet released. */
  readonly subscriptions: number;
}

/**
 * Serves a tRPC router over HTTP, SSE and WebSocket on one port and path, with the limits, the Origin check, the
 * back-pressure and the drain that tRPC's adapters leave to their host. Throws `invalid_config` for a router that loses
 * Dates, an origin no browser sends, or a path that is none.
 */
export function createGateway<R extends AnyTRPCRouter>(options: GatewayOptions<R>): Gateway {
  assertNode();
  assertTrpcServer();
  assertTransformer(options.router);
  for (const procedure of Object.values<object>(options.router._def.procedures)) {
    assertSameVersion("The jobs router of this gateway", procedure);
  }
  return new TrpcGateway(options);
}

class TrpcGateway implements Gateway {
  readonly #path: string;
  readonly #limits: GatewayLimits;
  readonly #logger: Logger;
  readonly #observe: Observe | undefined;
  readonly #checkOrigin: (req: IncomingMessage) => OriginVerdict;
  readonly #listener: Listener;
  readonly #requests: Requests;
  readonly #sockets: Sockets;
  #host = "";
  #opening: Promise<number> | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: GatewayOptions) {
    const { createContext, fallback, metrics, ready } = options;
    const limits = { ...GATEWAY_LIMITS, ...given(options.limits ?? {}) };
    const logger = loggerOf(options.logger);
    const observe = observeFor(options.observer, logger);
    const path = options.path ?? "/trpc";
    assertPath(path);
    const router = guardedRouter(options.router, { pingMs: limits.pingMs, logger });
    const checkOrigin = createOriginCheck(
      options.origins ?? [],
      () => isLoopbackHost(this.#host),
      refusedOrigins(logger),
    );
    const isDraining = (): boolean => this.#closing !== null;
    this.#path = path;
    this.#limits = limits;
    this.#logger = logger;
    this.#observe = observe;
    this.#checkOrigin = checkOrigin;
    this.#sockets = new Sockets({ router, createContext, limits, logger, observe });
    this.#requests = new Requests({
      path,
      probes: createProbes({ ready, metrics, readyMs: limits.readyMs, isDraining, logger }),
      call: createCalls({ router, createContext, checkOrigin, limits, logger, observe }),
      fallback,
      maxHeaders: limits.headers,
      isFull: () => this.#isFull(),
      logger,
      observe,
    });
    this.#listener = new Listener({
      limits,
      logger,
      onRequest: (req, res) => this.#requests.handle(req, res),
      onUpgrade: (req, socket, head) => this.#upgrade(req, socket, head),
    });
  }

  get connections(): number {
    return this.#listener.connections;
  }

  get sockets(): number {
    return this.#sockets.size;
  }

  get subscriptions(): number {
    return this.#sockets.subscriptions;
  }

  async listen(port: number, host = "127.0.0.1"): Promise<GatewayAddress> {
    if (this.#closing) throw new TelltaleError("closed", "The gateway was closed");
    if (this.#opening) throw new TelltaleError("invalid_config", "The gateway listens already");
    this.#host = host;
    this.#opening = this.#listener.listen(port, host);
    try {
      const opened = await this.#opening;
      return { port: opened, host, url: `http://${host.includes(":") ? `[${host}]` : host}:${opened}` };
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }

  close(options: Readonly<{ graceMs?: number }> = {}): Promise<void> {
    this.#closing ??= this.#drain(options.graceMs ?? this.#limits.graceMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(graceMs: number): Promise<void> {
    const isListening = await this.#opening?.then(
      () => true,
      () => false,
    );
    if (isListening !== true) return;
    this.#logger.info({ sockets: this.sockets, connections: this.connections }, "draining");
    this.#requests.drain();
    this.#listener.closeIdle();
    this.#sockets.askToReconnect();
    const [left, answered] = await Promise.all([this.#sockets.left(graceMs), this.#requests.answered(graceMs)]);
    if (!left || !answered) this.#logger.warn({ sockets: this.sockets }, "clients stayed past the grace");
    await this.#sockets.close();
    await this.#listener.close();
  }

  #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = refusalOf(req, {
      path: this.#path,
      origin: this.#checkOrigin(req),
      isDraining: this.#closing !== null,
      isFull: this.#isFull(),
      maxHeaders: this.#limits.headers,
    });
    if (refusal === null) {
      this.#sockets.accept(req, socket, head);
      return;
    }
    this.#logger.debug({ status: refusal.status }, "an upgrade was refused");
    observeRefusal(this.#observe, "ws", refusal.status);
    refuseSocket(socket, refusal.status, refusal.retryAfterS);
  }

  #isFull(): boolean {
    return this.connections > this.#limits.connections;
  }
}

// An option that is there but undefined is one that was not given.
function given(limits: NonNullable<GatewayOptions["limits"]>): Partial<GatewayLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
