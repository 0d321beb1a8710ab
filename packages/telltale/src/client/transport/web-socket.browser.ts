import { promptlyClosing } from "./promptly-closing.js";

/** How long an unused socket stays open. */
export const IDLE_CLOSE_MS = 30_000;

/** The platform's WebSocket, which dispatches `close` about 2 s after a close that the server does not answer. */
export function platformWebSocket(): typeof WebSocket {
  return promptlyClosing(globalThis.WebSocket);
}

/** The version of the installed tRPC client, which is unknown in browsers. */
export function installedTrpcClient(): undefined {
  return undefined;
}
