import { createWSClient, httpLink, splitLink, type TRPCLink, type TRPCWebSocketClient, wsLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { IDLE_CLOSE_MS, platformWebSocket } from "#web-socket";
import { transformer } from "../../core/index.js";
import type { Endpoint } from "./endpoint.js";
import { EndingEventSource } from "./event-source.js";
import { guardedFetch } from "./guarded-fetch.js";
import { ReconnectDelay } from "./reconnect-delay.js";
import { httpSubscriptionLink } from "./trpc-client.js";

/** Where to connect and as whom. */
export interface LinkOptions {
  readonly endpoint: Endpoint;
  /** The value of the Authorization header, asked for with every call and every connection. */
  readonly authorization: () => Promise<string>;
}

/** A link for everything a client sends. */
export interface Links {
  readonly link: TRPCLink<AnyTRPCRouter>;
  readonly webSocket: TRPCWebSocketClient | null;
}

/** Calls over HTTP, subscriptions over one WebSocket. */
export function webSocketLinks(options: LinkOptions): Links {
  const delay = new ReconnectDelay();
  const webSocket = createWSClient({
    url: options.endpoint.ws,
    WebSocket: platformWebSocket(),
    connectionParams: async () => ({ authorization: await options.authorization() }),
    lazy: { enabled: true, closeMs: IDLE_CLOSE_MS },
    // A pong can wait behind 64 KB of events on a slow line: 8 s. It has to be less than the interval.
    keepAlive: { enabled: true, intervalMs: 12_000, pongTimeoutMs: 8_000 },
    onOpen: () => delay.opened(),
    retryDelayMs: (n) => delay.delayMs(n, webSocket.connection?.state === "open"),
  });
  return { webSocket, link: split(options, wsLink({ client: webSocket, transformer })) };
}

/** Calls over HTTP, each subscription over a request of its own (server-sent events). */
export function eventSourceLinks(options: LinkOptions): Links {
  const subscriptions = httpSubscriptionLink<AnyTRPCRouter, typeof EndingEventSource>({
    url: options.endpoint.http,
    transformer,
    EventSource: EndingEventSource,
    eventSourceOptions: ({ op }) => ({
      fetch: async (url, init) => {
        const { token } = op.context;
        const authorization = typeof token === "string" ? `Bearer ${token}` : await options.authorization();
        // Not guarded: an EventSource gives up by itself after a refusal, and tries again after a fetch that rejects.
        return fetch(url, { ...init, signal: init.signal ?? null, headers: { ...init.headers, authorization } });
      },
    }),
  });
  const withTokenInHeader: TRPCLink<AnyTRPCRouter> = (runtime) => {
    const subscribe = subscriptions(runtime);
    return ({ op, next }) => subscribe({ op: tokenToContext(op), next });
  };
  return { webSocket: null, link: split(options, withTokenInHeader) };
}

function split(
  { endpoint, authorization }: LinkOptions,
  subscriptions: TRPCLink<AnyTRPCRouter>,
): TRPCLink<AnyTRPCRouter> {
  return splitLink({
    condition: (op) => op.type === "subscription",
    true: subscriptions,
    false: httpLink({
      url: endpoint.http,
      transformer,
      // Queries too: an input with a token belongs in a body, because addresses end up in logs.
      methodOverride: "POST",
      fetch: guardedFetch,
      headers: async () => ({ authorization: await authorization() }),
    }),
  });
}

type Op = Parameters<ReturnType<TRPCLink<AnyTRPCRouter>>>[0]["op"];

// The input of a subscription over HTTP is part of its address.
function tokenToContext(op: Op): Op {
  if (typeof op.input !== "object" || op.input === null || !("token" in op.input)) return op;
  const { token, ...input } = op.input;
  return { ...op, input, context: { ...op.context, token } };
}
