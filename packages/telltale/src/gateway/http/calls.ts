import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnyTRPCRouter } from "@trpc/server";
import { nodeHTTPRequestHandler } from "@trpc/server/adapters/node-http";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import type { Logger } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import type { GatewayLimits } from "../admission/limits.js";
import { type CreateContext, httpContext } from "../context.js";
import { observeRefusal } from "../observe-refusal.js";
import { reportCallError } from "../report.js";
import { awaitBody } from "./body-deadline.js";
import { allowOrigin, answerPreflight } from "./cors.js";
import type { OriginVerdict } from "./origin.js";
import { pathRefusal } from "./procedure-path.js";
import { refuse, sendJson } from "./refuse.js";
import { errorAnswer } from "./trpc-error.js";

// For whoever runs it behind a proxy or under a name of their own; a stranger's page cannot read it.
const MISDIRECTED = "this host is not served here: list its origin";
const REFUSED = "pages of this origin may not call: add it to the `origins` of createGateway";

/** What calls over HTTP need of the gateway. */
export interface CallsOptions {
  readonly router: AnyTRPCRouter;
  readonly createContext: CreateContext;
  readonly checkOrigin: (req: IncomingMessage) => OriginVerdict;
  readonly limits: Pick<GatewayLimits, "bodyBytes" | "batch" | "requestMs">;
  readonly logger: Logger;
  readonly observe: Observe | undefined;
}

/**
 * Serves queries, mutations and SSE subscriptions. Queries may be POSTed, so that what they carry stays out of URLs and
 * their logs; mutations never answer to GET.
 */
export function createCalls(options: CallsOptions): (req: IncomingMessage, res: ServerResponse, path: string) => void {
  const { router, createContext, checkOrigin, limits, logger, observe } = options;
  return (req, res, path) => {
    const origin = checkOrigin(req);
    if (origin === "listed") allowOrigin(req, res);
    if (origin === "misdirected") deny(res, 421, MISDIRECTED);
    else if (origin === "refused") deny(res, 403, REFUSED);
    else if (req.method === "OPTIONS" && origin !== "listed") deny(res, 403);
    else if (req.method === "OPTIONS") answerPreflight(req, res);
    else if (Number(req.headers["content-length"] ?? 0) > limits.bodyBytes) deny(res, 413);
    else call(req, res, path);
  };

  function deny(res: ServerResponse, status: number, code?: string): void {
    observeRefusal(observe, "http", status);
    refuse(res, status, { close: true, ...(code === undefined ? {} : { code }) });
  }

  function call(req: IncomingMessage, res: ServerResponse, path: string): void {
    res.setHeader("x-content-type-options", "nosniff");
    res.setHeader("cache-control", "no-store");
    const error = pathRefusal(req, path, limits.batch);
    if (error) {
      reportCallError(logger, { error, type: "unknown" });
      sendJson(res, getHTTPStatusCodeFromError(error), errorAnswer(router, error));
      return;
    }
    void nodeHTTPRequestHandler<AnyTRPCRouter, IncomingMessage, ServerResponse>({
      router,
      req,
      res,
      path,
      allowMethodOverride: true,
      maxBodySize: limits.bodyBytes,
      createContext: ({ info }) => httpContext(createContext, req, info),
      // The adapter overwrites headers of the same name, so the origin joins its `vary` here.
      responseMeta: () => ({ headers: new Headers({ vary: "origin" }) }),
      onError: ({ error, path: procedure, type }) => reportCallError(logger, { error, path: procedure, type }),
    });
    closeWhenTooLarge(req, res, limits.bodyBytes);
    // Before 11.22 tRPC waits for ever to write on to a peer that stopped reading and then left, and the generator never ends.
    res.once("close", () => res.emit("drain"));
    awaitBody(req, res, limits.requestMs);
  }
}

// A body of unannounced length is cut off at its limit by the adapter, which answers 413 and would go on reading.
// Listening after the adapter does, in the same tick, takes nothing from it.
function closeWhenTooLarge(req: IncomingMessage, res: ServerResponse, maxBytes: number): void {
  if (req.headers["transfer-encoding"] === undefined) return;
  let bytes = 0;
  req.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) res.shouldKeepAlive = false;
  });
}
