import { httpLink, splitLink, type TRPCLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import type { Credentials } from "./credentials.js";
import type { Endpoint } from "./endpoint.js";
import { EndingEventSource } from "./event-source.js";
import { guardedFetch } from "./guarded-fetch.js";
import type { Op } from "./operation.js";
import { SharedSockets } from "./shared-sockets.js";
import { transformer } from "./transformer.js";
import { httpSubscriptionLink } from "./trpc-client.js";
import type { Wake } from "./wake.js";

/** The options of the links. */
export interface LinkOptions {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly wake: Wake;
}

/** The link for all operations of a client. */
export interface Links {
  readonly link: TRPCLink<AnyTRPCRouter>;
  /** Closes its connections, if they do not end with their subscriptions. */
  readonly close: () => Promise<void>;
  /** The maximum of open `watch` and `chunks` iterations. Further ones take turns with them. */
  readonly subscriptions: number;
}

/**
 * A browser opens at most six connections to a server over HTTP/1.1, over all of its tabs. Streams must leave some for calls.
 */
const STREAMS = 4;
/** Ten WebSockets. */
const SOCKET_SUBSCRIPTIONS = 1_000;

/** Sends calls over HTTP, and all subscriptions over WebSockets. */
export function webSocketLinks({ endpoint, credentials, wake }: LinkOptions): Links {
  const sockets = new SharedSockets({ url: endpoint.ws, credentials, wake });
  return {
    link: split({ endpoint, credentials }, () => sockets.link),
    close: () => sockets.close(),
    subscriptions: SOCKET_SUBSCRIPTIONS,
  };
}

/** Sends calls over HTTP, and each subscription as a request of server-sent events. */
export function eventSourceLinks(options: LinkOptions): Links {
  const subscriptions = httpSubscriptionLink<AnyTRPCRouter, typeof EndingEventSource>({
    url: options.endpoint.http,
    transformer,
    EventSource: EndingEventSource,
    eventSourceOptions: ({ op }) => ({
      wake: options.wake,
      credentials: options.credentials,
      jobToken: typeof op.context.token === "string" ? op.context.token : undefined,
    }),
  });
  const withTokenInHeader: TRPCLink<AnyTRPCRouter> = (runtime) => {
    const subscribe = subscriptions(runtime);
    return ({ op, next }) => subscribe({ op: tokenToContext(op), next });
  };
  return { link: split(options, withTokenInHeader), close: () => Promise.resolve(), subscriptions: STREAMS };
}

function split(
  { endpoint, credentials }: Pick<LinkOptions, "endpoint" | "credentials">,
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
      headers: async () => ({ authorization: await credentials.authorization() }),
    }),
  });
}

// The input of a subscription over HTTP is part of the URL, which ends up in logs, so the token is moved to a header.
function tokenToContext(op: Op): Op {
  if (typeof op.input !== "object" || op.input === null || !("token" in op.input)) return op;
  const { token, ...input } = op.input;
  return { ...op, input, context: { ...op.context, token } };
}
