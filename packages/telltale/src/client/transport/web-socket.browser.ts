import { promptlyClosing } from "./promptly-closing.js";

/** How long an unused socket stays open. */
export const IDLE_CLOSE_MS = 30_000;

/** The WebSocket of the platform, which raises `close` about 2 s after a close that the other end does not answer. */
export function platformWebSocket(): typeof WebSocket {
  return promptlyClosing(globalThis.WebSocket);
}
