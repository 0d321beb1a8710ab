import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnyTRPCRouter } from "@trpc/server";
import { nodeHTTPRequestHandler } from "@trpc/server/adapters/node-http";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import type { Logger } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import type { Budgets } from "../../trpc/internal.js";
import type { Admissions } from "../admission/admissions.js";
import type { Callers } from "../admission/callers.js";
import type { Connections } from "../admission/connections.js";
import type { GatewayLimits } from "../admission/limits.js";
import type { Outputs } from "../admission/outputs.js";
import { type CreateContext, httpContext } from "../context.js";
import { observeRefusal } from "../observe-refusal.js";
import { reportCallError } from "../report.js";
import type { BodyBudget } from "./body-budget.js";
import { awaitBody, hasBody } from "./body-deadline.js";
import type { ClientAddress } from "./client-address.js";
import { allowOrigin, answerPreflight } from "./cors.js";
import type { OriginVerdict } from "./origin.js";
import { callCount, pathRefusal } from "./procedure-path.js";
import { refuse, sendJson } from "./refuse.js";
import { ResponseSink } from "./response-sink.js";
import { errorAnswer } from "./trpc-error.js";

// These help operators who run the gateway behind a proxy or under another host name. Foreign pages cannot read them.
const MISDIRECTED = "this host is not served here: list its origin";
const REFUSED = "pages of this origin may not call: add it to the `origins` of createGateway";

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST"]);

export interface CallsOptions {
  readonly router: AnyTRPCRouter;
  readonly createContext: CreateContext;
  readonly checkOrigin: (req: IncomingMessage) => OriginVerdict;
  readonly limits: Pick<GatewayLimits, "bodyBytes" | "batch" | "requestMs">;
  readonly logger: Logger;
  readonly observe: Observe | undefined;
  readonly outputs: Outputs;
  readonly pace: Budgets;
  readonly connections: Connections;
  readonly bodies: BodyBudget;
  readonly admissions: Admissions;
  readonly callers: Callers;
  readonly addressOf: ClientAddress;
}

/**
 * Serves queries, mutations and SSE subscriptions. Queries may use POST, which keeps their input out of URLs and access
 * logs. Mutations do not accept GET.
 */
export function createCalls(options: CallsOptions): (req: IncomingMessage, res: ServerResponse, path: string) => void {
  const { router, createContext, checkOrigin, limits, logger, observe } = options;
  const { outputs, pace, connections, bodies, admissions, callers, addressOf } = options;
  return (req, res, path) => {
    const origin = checkOrigin(req);
    if (origin === "listed") allowOrigin(req, res);
    if (origin === "misdirected") deny(res, 421, MISDIRECTED);
    else if (origin === "refused") deny(res, 403, REFUSED);
    else if (req.method === "OPTIONS" && origin !== "listed") deny(res, 403);
    else if (req.method === "OPTIONS") answerPreflight(req, res);
    // Of other methods, tRPC refuses some and fails with others (TRACE).
    else if (!METHODS.has(req.method ?? "")) deny(res, 405);
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
    const address = addressOf(req);
    if (pace.take(address, callCount(req, path)) > 0) {
      observeRefusal(observe, "http", 429);
      refuse(res, 429, { close: true, retryAfterS: 1 });
      return;
    }
    void nodeHTTPRequestHandler<AnyTRPCRouter, IncomingMessage, ServerResponse>({
      router,
      req,
      res,
      path,
      allowMethodOverride: true,
      maxBodySize: limits.bodyBytes,
      createContext: ({ info }) =>
        httpContext(createContext, { req, sink: new ResponseSink(res, { address, admissions, callers }) }, info),
      // The adapter overwrites a `vary` header that is set before, so `origin` is added here.
      responseMeta: () => ({ headers: new Headers({ vary: "origin" }) }),
      onError: ({ error, path: procedure, type }) => reportCallError(logger, { error, path: procedure, type }),
    });
    closeWhenTooLarge(req, res, limits.bodyBytes);
    countOutput(req, res);
    if (hasBody(req)) res.once("close", connections.use(req.socket, bodies.count(req, res, address)));
    // Before 11.22, tRPC waits forever for `drain` if a client stops reading and then disconnects, and the generator
    // never ends.
    res.once("close", () => res.emit("drain"));
    awaitBody(req, res, limits.requestMs);
  }

  function countOutput(req: IncomingMessage, res: ServerResponse): void {
    const output = outputs.add({ bytes: () => res.writableLength, cut: () => res.destroy() });
    const { write } = res;
    // The types of a method with several signatures cannot be repeated here.
    res.write = (...args: unknown[]): boolean => {
      const isBelowMark: boolean = Reflect.apply(write, res, args);
      output.grew();
      return isBelowMark;
    };
    res.once("close", connections.use(req.socket, output.end));
  }
}

// If a body without a content-length exceeds the limit, the adapter responds with 413 but keeps reading. The listener
// is added after the adapter's, in the same tick, so the adapter still receives all data.
function closeWhenTooLarge(req: IncomingMessage, res: ServerResponse, maxBytes: number): void {
  if (req.headers["transfer-encoding"] === undefined) return;
  let bytes = 0;
  req.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) res.shouldKeepAlive = false;
  });
}
