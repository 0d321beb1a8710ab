import type { IncomingMessage, ServerResponse } from "node:http";

const HEADER_NAMES = /^[A-Za-z0-9, -]{1,1024}$/;

/** Lets a page of a listed origin read the response. The caller must have checked the origin. */
export function allowOrigin(req: IncomingMessage, res: ServerResponse): void {
  const { origin } = req.headers;
  if (origin === undefined) return;
  res.setHeader("access-control-allow-origin", origin);
  res.setHeader("access-control-allow-credentials", "true");
  res.setHeader("access-control-expose-headers", "retry-after");
}

/**
 * Answers a preflight from a listed origin. Allows all request headers, because `createContext` decides which it reads.
 */
export function answerPreflight(req: IncomingMessage, res: ServerResponse): void {
  const asked = req.headers["access-control-request-headers"];
  res.setHeader("access-control-allow-methods", "GET, POST");
  if (asked !== undefined && HEADER_NAMES.test(asked)) res.setHeader("access-control-allow-headers", asked);
  res.setHeader("access-control-max-age", "600");
  res.setHeader("vary", "origin, access-control-request-headers");
  res.writeHead(204).end();
}
