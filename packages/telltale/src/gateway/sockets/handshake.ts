import type { WebSocket } from "ws";
import { parseConnectionParamsFromUnknown } from "../trpc-server.js";
import { CLOSE_CODES } from "./close-codes.js";

/**
 * Holds a socket that announced connectionParams to its word: closed with 4408 when they do not come in time, with 4400
 * when the first message is something else. tRPC itself waits for ever. Must listen before the adapter does, so that
 * the code it closes with is the one that counts.
 */
export function awaitHandshake(ws: WebSocket, deadlineMs: number): void {
  const timer = setTimeout(() => ws.close(CLOSE_CODES.handshakeTimeout, "handshake timeout"), deadlineMs);
  const onMessage = (data: unknown, isBinary: boolean): void => {
    const text = !isBinary && Buffer.isBuffer(data) ? data.toString("utf8") : "";
    if (text === "PING" || text === "PONG") return;
    stop();
    if (isConnectionParams(text)) return;
    // After the adapter's answer, which tells tRPC's client to back off, and before its close, which has no code.
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
