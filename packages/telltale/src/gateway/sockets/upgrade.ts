import type { IncomingMessage } from "node:http";
import type { OriginVerdict } from "../http/origin.js";
import { pathOf } from "../http/target.js";

/** Why an upgrade is refused, before a single byte of WebSocket is spoken. */
export interface Refusal {
  readonly status: 400 | 403 | 404 | 421 | 431 | 503;
  readonly retryAfterS?: number;
}

/** What the gateway is and knows at the moment of an upgrade. */
export interface UpgradeState {
  readonly path: string;
  readonly origin: OriginVerdict;
  readonly isDraining: boolean;
  readonly isFull: boolean;
  readonly maxHeaders: number;
}

/**
 * Judges an upgrade, null for a welcome one. By path here and not by the adapter's `prefix`, which leaves a stranger's
 * socket open with nobody listening to its errors. Browsers send cookies along with a stranger's page and always say
 * whose page it is, so a request with cookies and without an origin is nothing a browser or a token holder would send.
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
  return null;
}
