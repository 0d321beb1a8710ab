import { promptlyClosing } from "./promptly-closing.js";

/** How long an unused socket stays open. */
export const IDLE_CLOSE_MS = 30_000;

/** The WebSocket of the platform, which raises `close` about 2 s after a close that the other end does not answer. */
export function platformWebSocket(): typeof WebSocket {
  return promptlyClosing(globalThis.WebSocket);
}

/** The version of the tRPC client, which a browser has no way to find out. */
export function installedTrpcClient(): undefined {
  return undefined;
}
