import type { IncomingMessage } from "node:http";
import type { TRPCError } from "@trpc/server";
import type { TRPCRequestInfo } from "@trpc/server/http";
import type { Logger } from "../core/index.js";
import { JOB_TOKEN_HEADER } from "../core/internal.js";
import type { Sink } from "../trpc/internal.js";
import { withJobToken, withResponseSink, withSink } from "../trpc/internal.js";
import { asTRPCError, telltaleCode } from "./http/trpc-error.js";
import type { ContextRequest } from "./options.js";

/** The host application's `createContext`, with any type of context. */
export type CreateContext = (request: ContextRequest) => unknown;

/** Creates the context of an HTTP request, including its sink. An error of `createContext` becomes the response. */
export async function httpContext(
  createContext: CreateContext,
  { req, sink }: Readonly<{ req: IncomingMessage; sink: Sink }>,
  info: TRPCRequestInfo,
): Promise<unknown> {
  try {
    const ctx = await createContext({
      req,
      connectionParams: strings(info.connectionParams),
      transport: "http",
      signal: info.signal,
    });
    const token = req.headers[JOB_TOKEN_HEADER];
    return withResponseSink(typeof token === "string" ? withJobToken(ctx, token) : ctx, sink);
  } catch (cause) {
    throw asTRPCError(cause);
  }
}

/** Creates the context of a socket, including its sink. Never rejects; see `failingContext`. */
export async function socketContext(
  createContext: CreateContext,
  socket: Readonly<{ req: IncomingMessage; sink: Sink; logger: Logger }>,
  info: TRPCRequestInfo,
): Promise<unknown> {
  const { req, sink, logger } = socket;
  try {
    const ctx = await createContext({
      req,
      connectionParams: strings(info.connectionParams),
      transport: "ws",
      signal: info.signal,
    });
    return withSink(ctx, sink);
  } catch (cause) {
    const error = asTRPCError(cause);
    logger.warn({ code: error.code, telltale: telltaleCode(cause) }, "createContext failed; the socket's calls fail");
    return failingContext(error);
  }
}

/**
 * A context that throws the error on every read. tRPC closes a socket whose context cannot be created, and its client
 * then reconnects forever, even without subscriptions (trpc#4774). With this context the socket stays open, and each
 * call that reads its context fails with the error, which ends a subscription permanently.
 */
function failingContext(error: TRPCError): object {
  const fail = (): never => {
    throw error;
  };
  return new Proxy(
    {},
    {
      // `await` reads `then` of every object, which does not count as a read of the context.
      get: (_target, key) => (key === "then" ? undefined : fail()),
      has: fail,
      ownKeys: fail,
      getOwnPropertyDescriptor: fail,
    },
  );
}

function strings(params: TRPCRequestInfo["connectionParams"]): Record<string, string> | null {
  if (params === null) return null;
  return Object.fromEntries(
    Object.entries(params).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
