import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

// The headers that made the request an upgrade. A new `Connection` header is added below.
const DROPPED: ReadonlySet<string> = new Set(["connection", "upgrade", "http2-settings"]);

/**
 * Passes an upgrade request without a handler to the server again as an ordinary request, including its body. The
 * connection is already detached from the HTTP server, so the request is put back into it as text. The connection
 * closes after the response.
 */
export function answerAsPlainRequest(
  server: Server,
  { req, socket, head }: Readonly<{ req: IncomingMessage; socket: Duplex; head: Buffer }>,
): void {
  const lines = [`${req.method} ${req.url} HTTP/${req.httpVersion}`];
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i] ?? "";
    if (!DROPPED.has(name.toLowerCase())) lines.push(`${name}: ${req.rawHeaders[i + 1]}`);
  }
  lines.push("Connection: close", "", "");
  socket.unshift(Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), head]));
  server.emit(socket instanceof TLSSocket ? "secureConnection" : "connection", socket);
}
