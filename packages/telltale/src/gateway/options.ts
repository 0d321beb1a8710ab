import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnyTRPCRouter, inferRouterContext } from "@trpc/server";
import type { Logger, Observer } from "../core/index.js";
import type { GatewayLimits } from "./admission/limits.js";

/** The argument of `createContext`. */
export interface ContextRequest {
  readonly req: IncomingMessage;
  /**
   * tRPC connection params: a WebSocket client's first message, or from an SSE client's URL. Null if none were sent.
   */
  readonly connectionParams: Readonly<Record<string, string>> | null;
  /** With `ws` the context lives as long as the socket, with `http` as long as the request or SSE stream. */
  readonly transport: "http" | "ws";
  /** Aborts when the request or socket closes. */
  readonly signal: AbortSignal;
}

/** The options of `Gateway.attach`. */
export interface AttachOptions {
  /** Whether the gateway also answers /healthz, /readyz and /metrics, before the server's listeners. @default false */
  readonly probes?: boolean | undefined;
}

/** The options of `createGateway`. */
export interface GatewayOptions<R extends AnyTRPCRouter = AnyTRPCRouter> {
  /**
   * A tRPC router whose transformer preserves Dates; use `transformer` from "telltale". Others throw `invalid_config`. With
   * superjson itself the gateway logs a warning, because a small request can block a process that uses it.
   */
  readonly router: R;
  /**
   * Creates the tRPC context, which usually identifies the caller. Avoid throwing for unauthenticated callers: on a
   * WebSocket, every later call that reads the context fails with the same error until the socket closes. Instead,
   * return a context without a user and let a middleware throw UNAUTHORIZED.
   */
  readonly createContext: (request: ContextRequest) => inferRouterContext<R> | Promise<inferRouterContext<R>>;
  /**
   * Other origins whose pages may call the gateway, written exactly as browsers send them ("https://app.example"). The
   * gateway's own origin is always allowed. A gateway that listens on loopback only accepts requests for localhost,
   * 127.0.0.0/8, [::1] and the hosts in this list. Behind a proxy that forwards the Host header, also list the site's
   * own origin. Throws `invalid_config` for an entry that no browser sends, such as "*" or one with a trailing slash.
   * @default []
   */
  readonly origins?: readonly string[] | undefined;
  /**
   * The number of proxies in front of the gateway that append to `X-Forwarded-For`, for limits by address. With a
   * number that is too high, clients can choose their address. With one that is too low, all clients of a proxy share
   * its address, and with it the limits of one. @default 0
   */
  readonly trustProxy?: number | undefined;
  /** The path at and below which the router is served, over HTTP and WebSocket. @default "/trpc" */
  readonly path?: string | undefined;
  /** Called by GET /readyz. Reject while this process should receive no traffic. @default always ready */
  readonly ready?: (() => Promise<void>) | undefined;
  /**
   * Handles all other requests, for example with a web app. Only used with `listen`, because an attached server has its
   * own listeners. @default responds with 404
   */
  readonly fallback?: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
  /** Returns the body of GET /metrics in the Prometheus text format. @default GET /metrics is not served */
  readonly metrics?: (() => Promise<string>) | undefined;
  /** Receives log lines; `false` disables logging. @default warnings and errors to stderr */
  readonly logger?: Logger | false | undefined;
  /**
   * Receives the gateway's events as structured data; see https://github.com/telltale-jobs/telltale/blob/main/docs/observer.md.
   * Events of procedures go to the observer of `createTelltale`.
   */
  readonly observer?: Observer | readonly Observer[] | undefined;
  /** Overrides individual limits. @default GATEWAY_LIMITS */
  readonly limits?: { readonly [K in keyof GatewayLimits]?: number | undefined } | undefined;
}
