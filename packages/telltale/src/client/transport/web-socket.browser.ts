import { promptlyClosing } from "./promptly-closing.js";

/** How long an unused socket stays open. */
export const IDLE_CLOSE_MS = 30_000;

/**
 * The platform's WebSocket, which dispatches `close` about 2 s after a close that the server does not answer. Undefined if there is
 * none, such as where pages are rendered on a server with the code for browsers.
 */
export function platformWebSocket(): typeof WebSocket | undefined {
  // The types say that there always is one.
  const Base: typeof WebSocket | undefined = globalThis.WebSocket;
  return Base && promptlyClosing(Base);
}

/** Returns undefined, because browsers do not tell why a request failed. */
export function neverConnected(_cause: unknown): undefined {
  return undefined;
}

/** The version of the installed tRPC client, which is unknown in browsers. */
export function installedTrpcClient(): undefined {
  return undefined;
}
