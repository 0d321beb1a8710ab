import { createServer } from "node:http";
import { createHTTPHandler } from "@trpc/server/adapters/standalone";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { WebSocketServer } from "ws";
import { type Listening, openPort } from "./listening.js";
import { pages } from "./pages.js";
import { appRouter } from "./router.js";
import { createContext } from "./trpc.js";

/** Serves the app as before it had jobs: with tRPC's own adapters, on loopback. */
export async function listen(port: number): Promise<Listening> {
  const calls = createHTTPHandler({
    router: appRouter,
    createContext,
    basePath: "/trpc/",
    allowMethodOverride: true, // so that a job's token is in the body and never in the URL
    maxBodySize: 1024 * 1024,
    maxBatchSize: 50,
  });
  const server = createServer((req, res) => (req.url?.startsWith("/trpc/") ? calls(req, res) : pages(req, res)));
  const wss = new WebSocketServer({ server, path: "/trpc", maxPayload: 128 * 1024 });
  const sockets = applyWSSHandler({ wss, router: appRouter, createContext, keepAlive: { enabled: true } });

  const url = await openPort(server, port);
  return {
    url: `${url}/trpc`,
    async close() {
      sockets.broadcastReconnectNotification(); // watchers resume on another server
      for (const socket of wss.clients) socket.terminate();
      wss.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
