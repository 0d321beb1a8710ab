import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** Answers with `{ error: code }` and nothing of the request in it. `close` ends the connection, body unread. */
export function refuse(
  res: ServerResponse,
  status: number,
  options: Readonly<{ code?: string; close?: boolean; retryAfterS?: number }> = {},
): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  if (options.close === true) res.setHeader("connection", "close");
  if (options.retryAfterS !== undefined) res.setHeader("retry-after", options.retryAfterS);
  sendJson(res, status, { error: options.code ?? STATUS_CODES[status] ?? "error" });
}

/** Answers with a small JSON that nobody may cache or take for something else. */
export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.setHeader("content-type", "application/json; charset=utf-8");
  res.setHeader("cache-control", "no-store");
  res.setHeader("x-content-type-options", "nosniff");
  res.writeHead(status).end(JSON.stringify(body));
}

/**
 * Answers on a socket that HTTP has let go of (an upgrade, a request it could not parse) and cuts it once written.
 * Ending it alone is not enough: a peer that never closes its half would hold it for ever.
 */
export function refuseSocket(socket: Duplex, status: number, retryAfterS?: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const retry = retryAfterS === undefined ? "" : `Retry-After: ${retryAfterS}\r\n`;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n${retry}`;
  socket.once("finish", () => socket.destroy());
  socket.end(`${head}\r\n`);
}
