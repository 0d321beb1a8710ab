import type { IncomingMessage } from "node:http";
import type { TRPCError } from "@trpc/server";
import type { TRPCRequestInfo } from "@trpc/server/http";
import type { Logger } from "../core/index.js";
import type { Sink } from "../trpc/internal.js";
import { withSink } from "../trpc/internal.js";
import { asTRPCError, telltaleCode } from "./http/trpc-error.js";
import type { ContextRequest } from "./options.js";

/** The host's `createContext`, whatever its context is. */
export type CreateContext = (request: ContextRequest) => unknown;

/** The context of one HTTP request. What the host throws becomes the answer. */
export async function httpContext(
  createContext: CreateContext,
  req: IncomingMessage,
  info: TRPCRequestInfo,
): Promise<unknown> {
  try {
    return await createContext({
      req,
      connectionParams: strings(info.connectionParams),
      transport: "http",
      signal: info.signal,
    });
  } catch (cause) {
    throw asTRPCError(cause);
  }
}

/** The context of one socket, with its sink in it. Never rejects, see `failingContext`. */
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
 * A context of which every read throws the error. tRPC closes a socket whose context could not be made, and its client
 * then connects again, for ever, also when nothing is subscribed any more (trpc#4774). With this one the socket stays and
 * each call that looks at its context is answered with the error, which ends a subscription for good.
 */
function failingContext(error: TRPCError): object {
  const fail = (): never => {
    throw error;
  };
  return new Proxy(
    {},
    {
      // `await` asks every object whether it is a thenable; that is not a read of the context.
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
