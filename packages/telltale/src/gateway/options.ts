import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnyTRPCRouter, inferRouterContext } from "@trpc/server";
import type { Logger, Observer } from "../core/index.js";
import type { GatewayLimits } from "./admission/limits.js";

/** What a context is made from. */
export interface ContextRequest {
  readonly req: IncomingMessage;
  /** What a WebSocket client sent as its first message, or an SSE client in its URL; null where it sent none. */
  readonly connectionParams: Readonly<Record<string, string>> | null;
  /** `ws`: the context lives as long as the socket. `http`: for one request, an SSE stream included. */
  readonly transport: "http" | "ws";
  /** Aborts when the request or the socket is gone. */
  readonly signal: AbortSignal;
}

/** What `Gateway.attach` takes. */
export interface AttachOptions {
  /** Answers /healthz, /readyz and /metrics as well, instead of the server's own listeners. @default false */
  readonly probes?: boolean | undefined;
}

/** What `createGateway` takes. */
export interface GatewayOptions<R extends AnyTRPCRouter = AnyTRPCRouter> {
  /** Any tRPC router whose transformer keeps a Date a Date (superjson). */
  readonly router: R;
  /**
   * Says who is calling. Better to put "nobody" into the context and let a middleware answer UNAUTHORIZED than to throw:
   * what it throws is answered to every call that reads the context, for as long as the socket lives.
   */
  readonly createContext: (request: ContextRequest) => inferRouterContext<R> | Promise<inferRouterContext<R>>;
  /**
   * Other sites whose pages may call, as exact origins ("https://app.example"). The gateway's own is always allowed. A
   * gateway that listens on loopback answers no other host than localhost, 127.0.0.0/8, [::1] and those of this list:
   * behind a proxy that keeps the Host header, list the site's own origin as well.
   */
  readonly origins?: readonly string[] | undefined;
  /** Where the router is served, over HTTP and WebSocket: this path and all below it. @default "/trpc" */
  readonly path?: string | undefined;
  /** Rejects while this process should get no traffic. Asked by GET /readyz. @default always ready */
  readonly ready?: (() => Promise<void>) | undefined;
  /**
   * Answers everything that is not the gateway's, e.g. a web app. For `listen` only: an attached server has its own
   * listeners. @default 404
   */
  readonly fallback?: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
  /** The text of GET /metrics, in Prometheus' format. @default no such page */
  readonly metrics?: (() => Promise<string>) | undefined;
  /** Where warnings and what happens is told; `false` for silence. @default warnings and errors to stderr */
  readonly logger?: Logger | false | undefined;
  /** Receives what the gateway does as data; see docs/observer.md. What procedures do is told to the observer of `createTelltale`. */
  readonly observer?: Observer | readonly Observer[] | undefined;
  /** @default GATEWAY_LIMITS */
  readonly limits?: { readonly [K in keyof GatewayLimits]?: number | undefined } | undefined;
}
