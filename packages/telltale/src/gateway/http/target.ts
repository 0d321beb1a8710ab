import type { IncomingMessage } from "node:http";
import { TelltaleError } from "../../core/index.js";

const PATH = /^(\/[A-Za-z0-9._~-]+)+$/;

/** The path of a request without its query, or null where the request line or the Host header is no URL. */
export function pathOf(req: IncomingMessage): string | null {
  if ((req.headersDistinct.host?.length ?? 0) > 1) return null;
  const base = `http://${req.headers.host ?? "localhost"}`;
  return URL.canParse(req.url ?? "", base) ? new URL(req.url ?? "", base).pathname : null;
}

/** Whether a path is this one or below it. */
export function isAtOrBelow(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(`${path}/`);
}

/** Throws `invalid_config` for a path the router cannot be served at. */
export function assertPath(path: string): void {
  if (!PATH.test(path)) throw new TelltaleError("invalid_config", `${JSON.stringify(path)} is not a path like "/trpc"`);
}
