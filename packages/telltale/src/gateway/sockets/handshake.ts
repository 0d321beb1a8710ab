import type { WebSocket } from "ws";
import { parseConnectionParamsFromUnknown } from "../trpc-server.js";
import { CLOSE_CODES } from "./close-codes.js";

/**
 * Closes a socket that announced connectionParams with 4408 if they do not arrive in time, and with 4400 if the first
 * message is something else. tRPC itself waits forever. Call this before the adapter adds its listener, so that the
 * client receives this close code and not the adapter's.
 */
export function awaitHandshake(ws: WebSocket, deadlineMs: number): void {
  const timer = setTimeout(() => ws.close(CLOSE_CODES.handshakeTimeout, "handshake timeout"), deadlineMs);
  const onMessage = (data: unknown, isBinary: boolean): void => {
    const text = !isBinary && Buffer.isBuffer(data) ? data.toString("utf8") : "";
    if (text === "PING" || text === "PONG") return;
    stop();
    if (isConnectionParams(text)) return;
    // Closes after the adapter's answer, which makes tRPC's client back off, and before its close, which has no code.
    setImmediate(() => ws.close(CLOSE_CODES.badHandshake, "malformed connectionParams"));
  };
  const stop = (): void => {
    clearTimeout(timer);
    ws.off("message", onMessage);
    ws.off("close", stop);
  };
  ws.on("message", onMessage);
  ws.once("close", stop);
}

function isConnectionParams(text: string): boolean {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message !== "object" || message === null || !("method" in message) || !("data" in message)) return false;
    parseConnectionParamsFromUnknown(message.data);
    return message.method === "connectionParams";
  } catch {
    return false;
  }
}
