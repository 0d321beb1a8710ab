import type { IncomingMessage } from "node:http";
import { TelltaleError } from "../../core/index.js";

const PATH = /^(\/[A-Za-z0-9._~-]+)+$/;

/**
 * The path of a request without its query, or null if the request line or the Host header is invalid. So they are with
 * credentials in them (`Host: user@localhost`), for which tRPC would answer that the server has failed.
 */
export function pathOf(req: IncomingMessage): string | null {
  if ((req.headersDistinct.host?.length ?? 0) > 1) return null;
  const base = `http://${req.headers.host ?? "localhost"}`;
  if (!URL.canParse(req.url ?? "", base)) return null;
  const { pathname, username, password } = new URL(req.url ?? "", base);
  return username === "" && password === "" ? pathname : null;
}

/** Whether `pathname` is at or below `path`. */
export function isAtOrBelow(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(`${path}/`);
}

/** Throws `invalid_config` if the router cannot be served at `path`. */
export function assertPath(path: string): void {
  if (!PATH.test(path)) throw new TelltaleError("invalid_config", `${JSON.stringify(path)} is not a path like "/trpc"`);
}
