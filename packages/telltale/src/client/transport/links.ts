import { httpLink, TRPCClientError, type TRPCLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { observable } from "@trpc/server/observable";
import { platformWebSocket } from "#web-socket";
import { TelltaleError } from "../../core/index.js";
import { SubscriptionLimit } from "../feeds/subscription-limit.js";
import type { Closing } from "./closing.js";
import type { Credentials } from "./credentials.js";
import type { Endpoint } from "./endpoint.js";
import { EndingEventSource } from "./event-source.js";
import { guardedFetch } from "./guarded-fetch.js";
import type { Op, OperationLink } from "./operation.js";
import { SharedSockets } from "./shared-sockets.js";
import { StreamFallback } from "./stream-fallback.js";
import { transformer } from "./transformer.js";
import { httpSubscriptionLink } from "./trpc-client.js";
import type { Wake } from "./wake.js";

/** The options of the links. */
export interface LinkOptions {
  /** Throws if the address can not be used here. */
  readonly endpoint: () => Endpoint;
  readonly credentials: Credentials;
  readonly wake: Wake;
  readonly closing: Closing;
}

/** The link for all operations of a client. */
export interface Links {
  readonly link: TRPCLink<AnyTRPCRouter>;
  /** Closes its connections, if they do not end with their subscriptions. */
  readonly close: () => Promise<void>;
  readonly limit: SubscriptionLimit;
}

/**
 * The maximum of open `watch` and `chunks` iterations. A browser opens at most six connections to a server over HTTP/1.1, over all of
 * its tabs, and streams must leave some for calls.
 */
const MOST = { streams: 4, sockets: 1_000 } as const;

/**
 * Sends calls over HTTP, and all subscriptions over WebSockets. If there are none, or if they cannot be opened, subscriptions become
 * streams.
 */
export function webSocketLinks(options: LinkOptions): Links {
  const WebSocket = platformWebSocket();
  if (!WebSocket) return eventSourceLinks(options);
  const limit = new SubscriptionLimit(MOST.sockets);
  const sockets = new SharedSockets({
    ...options,
    url: () => options.endpoint().ws,
    WebSocket,
    onOpen: () => fallback.socketOpened(),
    onUnusable: () => fallback.moveToStreams(),
  });
  const fallback: StreamFallback = new StreamFallback({
    sockets: sockets.link,
    streams: streams(options),
    // With the announcement of parameters, so that the server waits for them and does not create a context.
    dial: () => new WebSocket(`${options.endpoint().ws}?connectionParams=1`),
    onMove: (to) => {
      limit.most = MOST[to];
    },
  });
  const close = (): Promise<void> => {
    fallback.close();
    return sockets.close();
  };
  return { link: split(options, fallback.link), close, limit };
}

/** Sends calls over HTTP, and each subscription as a request of server-sent events. */
export function eventSourceLinks(options: LinkOptions): Links {
  const limit = new SubscriptionLimit(MOST.streams);
  return { link: split(options, streams(options)), close: () => Promise.resolve(), limit };
}

function streams({ endpoint, credentials, wake }: LinkOptions): OperationLink {
  const subscriptions = atUse(() =>
    httpSubscriptionLink<AnyTRPCRouter, typeof EndingEventSource>({
      url: endpoint().http,
      transformer,
      EventSource: EndingEventSource,
      eventSourceOptions: ({ op }) => ({
        wake,
        credentials,
        jobToken: typeof op.context.token === "string" ? op.context.token : undefined,
      }),
    }),
  );
  return ({ op, next }) => subscriptions({ op: tokenToContext(op), next });
}

// The address may be one that cannot be used here, which is only an error once it is.
function atUse(create: () => TRPCLink<AnyTRPCRouter>): OperationLink {
  let link: OperationLink | undefined;
  return (request) => {
    link ??= create()({});
    return link(request);
  };
}

function split({ endpoint, credentials, closing }: LinkOptions, subscriptions: OperationLink): TRPCLink<AnyTRPCRouter> {
  const calls = atUse(() =>
    httpLink({
      url: endpoint().http,
      transformer,
      // Also for queries, so that job tokens are in the body. URLs end up in logs.
      methodOverride: "POST",
      fetch: guardedFetch,
      headers: async () => ({ authorization: await credentials.authorization() }),
    }),
  );
  return () => (request) => untilClosed(closing, (request.op.type === "subscription" ? subscriptions : calls)(request));
}

// `$trpc` may be in use when the client is closed, and may be used after that. Nothing is sent before `subscribe`.
function untilClosed(closing: Closing, replies: ReturnType<OperationLink>): ReturnType<OperationLink> {
  return observable((observer) => {
    const close = (): void =>
      observer.error(TRPCClientError.from(new TelltaleError("closed", "The client was closed")));
    if (closing.isClosed) return close();
    const subscription = replies.subscribe(observer);
    closing.on(close);
    return () => {
      closing.off(close);
      subscription.unsubscribe();
    };
  });
}

// The input of a subscription over HTTP is part of the URL, which ends up in logs, so the token is moved to a header.
function tokenToContext(op: Op): Op {
  if (typeof op.input !== "object" || op.input === null || !("token" in op.input)) return op;
  const { token, ...input } = op.input;
  return { ...op, input, context: { ...op.context, token } };
}
