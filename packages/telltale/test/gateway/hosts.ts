import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import express from "express";
import { fastify } from "fastify";

/** An app with its own pages, on a server to which a gateway is attached. */
export interface Host extends AsyncDisposable {
  readonly server: Server;
  /** Opens a free port, or returns the open one. */
  listen(address?: string): Promise<number>;
}

/** Hosts that answer every request with `page <method> <url> <body>`. */
export const HOSTS = {
  "node:http": () => host(createServer(page)),
  "Express 5": () => {
    const app = express();
    app.use(express.text({ type: "*/*" }));
    app.use((req, res) => void res.send(`page ${req.method} ${req.originalUrl} ${req.body ?? ""}`));
    return host(createServer(app));
  },
  "Fastify 5": () => {
    const app = fastify({ forceCloseConnections: true }); // A client may hold a connection open that it never used.
    app.addContentTypeParser("*", { parseAs: "string" }, (_req, body, done) => done(null, body));
    app.all("/*", (req) => `page ${req.method} ${req.url} ${req.body ?? ""}`);
    const listen = async (address = "127.0.0.1"): Promise<number> => {
      if (!app.server.listening) await app.listen({ port: 0, host: address });
      return portOf(app.server);
    };
    return { server: app.server, listen, [Symbol.asyncDispose]: () => app.close() };
  },
} satisfies Record<string, () => Host>;

/** A host with these pages. */
export function host(server: Server): Host {
  const listen = async (address = "127.0.0.1"): Promise<number> => {
    if (!server.listening) await once(server.listen(0, address), "listening");
    return portOf(server);
  };
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { server, listen, [Symbol.asyncDispose]: close };
}

async function page(req: IncomingMessage, res: ServerResponse): Promise<void> {
  res.end(`page ${req.method} ${req.url} ${await text(req)}`);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port");
  return address.port;
}
