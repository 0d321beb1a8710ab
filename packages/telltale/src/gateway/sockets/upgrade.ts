import type { IncomingMessage } from "node:http";
import type { OriginVerdict } from "../http/origin.js";
import { pathOf } from "../http/target.js";

/** The HTTP response to an upgrade that is refused. */
export interface Refusal {
  readonly status: 400 | 403 | 404 | 421 | 429 | 431 | 503;
  readonly retryAfterS?: number;
}

/** The state of the gateway at the time of an upgrade. */
export interface UpgradeState {
  readonly path: string;
  readonly origin: OriginVerdict;
  readonly isDraining: boolean;
  readonly isFull: boolean;
  /** Whether the caller's address may have one more connection. */
  readonly hasPlace: boolean;
  readonly maxHeaders: number;
}

/**
 * Returns how to refuse an upgrade, or null to accept it. The path is checked here and not with the adapter's `prefix`,
 * which leaves sockets with another path open without an error listener. A request with cookies but without an Origin
 * header is refused: browsers always send an Origin header, and clients with a token have no cookies.
 */
export function refusalOf(req: IncomingMessage, state: UpgradeState): Refusal | null {
  const pathname = pathOf(req);
  if (pathname === null) return { status: 400 };
  if (req.rawHeaders.length / 2 > state.maxHeaders) return { status: 431 };
  if (pathname !== state.path && pathname !== `${state.path}/`) return { status: 404 };
  if (state.origin === "misdirected") return { status: 421 };
  if (state.origin === "refused") return { status: 403 };
  if (state.origin === "absent" && req.headers.cookie !== undefined) return { status: 403 };
  if (state.isDraining || state.isFull) return { status: 503, retryAfterS: 1 };
  if (!state.hasPlace) return { status: 429, retryAfterS: 1 };
  return null;
}
