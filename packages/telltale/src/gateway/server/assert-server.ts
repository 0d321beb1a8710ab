import { Server } from "node:http";
import { Server as SecureServer } from "node:https";
import { TelltaleError } from "../../core/index.js";

/**
 * Throws `invalid_config` unless `server` is an HTTP/1.1 server, for example for an Express app or a node:http2 server.
 */
export function assertServer(server: unknown): void {
  if (server instanceof Server || server instanceof SecureServer) return;
  throw new TelltaleError(
    "invalid_config",
    "attach() needs a server of node:http or node:https. Pass what app.listen() returns (Express) or app.server (Fastify); for HTTP/2, put a proxy in front.",
  );
}
