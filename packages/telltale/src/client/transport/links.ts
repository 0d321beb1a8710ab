import { createWSClient, httpLink, splitLink, type TRPCLink, type TRPCWebSocketClient, wsLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { IDLE_CLOSE_MS, platformWebSocket } from "#web-socket";
import { assertEncodable, fromWire, JOB_TOKEN_HEADER, toWire } from "../../core/internal.js";
import type { Endpoint } from "./endpoint.js";
import { EndingEventSource } from "./event-source.js";
import { guardedFetch } from "./guarded-fetch.js";
import { ReconnectDelay } from "./reconnect-delay.js";
import { httpSubscriptionLink } from "./trpc-client.js";

/** Uses superjson's wire format. Throws for values that the other side would not decode to an equal value. */
const transformer = { serialize: toCheckedWire, deserialize: fromWire };

/** The options of the links. */
export interface LinkOptions {
  readonly endpoint: Endpoint;
  /** Returns the value of the Authorization header. Called for every call and every connection. */
  readonly authorization: () => Promise<string>;
}

/** The link for all operations of a client, and the WebSocket that it uses, if any. */
export interface Links {
  readonly link: TRPCLink<AnyTRPCRouter>;
  readonly webSocket: TRPCWebSocketClient | null;
}

/** Sends calls over HTTP, and all subscriptions over one WebSocket. */
export function webSocketLinks(options: LinkOptions): Links {
  const delay = new ReconnectDelay();
  const webSocket = createWSClient({
    url: options.endpoint.ws,
    WebSocket: platformWebSocket(),
    connectionParams: async () => ({ authorization: await options.authorization() }),
    lazy: { enabled: true, closeMs: IDLE_CLOSE_MS },
    // On a slow line, a pong can be delayed by 8 s behind 64 KB of events. The timeout must be shorter than the interval.
    keepAlive: { enabled: true, intervalMs: 12_000, pongTimeoutMs: 8_000 },
    onOpen: () => delay.opened(),
    retryDelayMs: (n) => delay.delayMs(n, webSocket.connection?.state === "open"),
  });
  return { webSocket, link: split(options, wsLink({ client: webSocket, transformer })) };
}

/** Sends calls over HTTP, and each subscription as a request of server-sent events. */
export function eventSourceLinks(options: LinkOptions): Links {
  const subscriptions = httpSubscriptionLink<AnyTRPCRouter, typeof EndingEventSource>({
    url: options.endpoint.http,
    transformer,
    EventSource: EndingEventSource,
    eventSourceOptions: ({ op }) => ({
      fetch: async (url, init) => {
        const { token } = op.context;
        const headers = {
          ...init.headers,
          authorization: await options.authorization(),
          ...(typeof token === "string" && { [JOB_TOKEN_HEADER]: token }),
        };
        // Not guardedFetch: EndingEventSource reads the status of a refusal itself. A rejected fetch looks like a lost connection,
        // after which the subscription would be opened again.
        return fetch(url, { ...init, signal: init.signal ?? null, headers });
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
      // Also for queries, so that job tokens are in the body. URLs end up in logs.
      methodOverride: "POST",
      fetch: guardedFetch,
      headers: async () => ({ authorization: await authorization() }),
    }),
  });
}

function toCheckedWire(value: unknown): ReturnType<typeof toWire> {
  assertEncodable(value);
  return toWire(value);
}

type Op = Parameters<ReturnType<TRPCLink<AnyTRPCRouter>>>[0]["op"];

// The input of a subscription over HTTP is part of the URL, which ends up in logs, so the token is moved to a header.
function tokenToContext(op: Op): Op {
  if (typeof op.input !== "object" || op.input === null || !("token" in op.input)) return op;
  const { token, ...input } = op.input;
  return { ...op, input, context: { ...op.context, token } };
}
