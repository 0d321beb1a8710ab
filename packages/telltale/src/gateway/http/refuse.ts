import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Responds with `{ error: code }`, without any data of the request. `close` closes the connection without reading the
 * body.
 */
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

/** Responds with JSON that must not be cached or sniffed as another type. */
export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.setHeader("content-type", "application/json; charset=utf-8");
  res.setHeader("cache-control", "no-store");
  res.setHeader("x-content-type-options", "nosniff");
  res.writeHead(status).end(JSON.stringify(body));
}

/**
 * Responds on a socket that is detached from the HTTP server (after an upgrade or a request that cannot be parsed),
 * then destroys it. `end` alone is not enough, because a client that never closes its side would keep the socket open
 * forever.
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
