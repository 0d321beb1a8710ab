import { once } from "node:events";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { WebSocketServer } from "ws";
import type { Listening } from "./listening.js";
import { appRouter } from "./router.js";
import { createContext } from "./trpc.js";

/** Serves the app as before it had jobs: with tRPC's own adapters, on loopback. */
export async function listen(port: number): Promise<Listening> {
  const server = createHTTPServer({
    router: appRouter,
    createContext,
    basePath: "/trpc/",
    allowMethodOverride: true, // so that a job's token is in the body and never in the URL
    maxBodySize: 1024 * 1024,
    maxBatchSize: 50,
  });
  const wss = new WebSocketServer({ server, path: "/trpc", maxPayload: 128 * 1024 });
  const sockets = applyWSSHandler({ wss, router: appRouter, createContext, keepAlive: { enabled: true } });

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return {
    url: `http://127.0.0.1:${address.port}/trpc`,
    async close() {
      sockets.broadcastReconnectNotification(); // watchers resume on another server
      for (const socket of wss.clients) socket.terminate();
      wss.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
