import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

// What made it an upgrade, and what the one below replaces.
const DROPPED: ReadonlySet<string> = new Set(["connection", "upgrade", "http2-settings"]);

/**
 * Hands an upgrade that nobody takes to the server again as an ordinary request, body included. HTTP has let go of the
 * connection at this point, so the request is put back into it as text. The connection closes after the answer.
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
