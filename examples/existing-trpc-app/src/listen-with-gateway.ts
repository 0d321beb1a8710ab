import { createServer } from "node:http";
// #region attach
import { createGateway } from "telltale/gateway";
// #endregion
import { type Listening, openPort } from "./listening.js";
import { pages } from "./pages.js";
import { appRouter } from "./router.js";
import { createContext } from "./trpc.js";

/** Serves the same app with Telltale's gateway, attached to the app's own HTTP server. */
export async function listenWithGateway(port: number): Promise<Listening> {
  const server = createServer(pages); // the server you have: Express, Fastify, Next.js …
  // #region attach
  const gateway = createGateway({
    router: appRouter,
    createContext: ({ req, connectionParams }) => createContext({ req, info: { connectionParams } }),
  });
  gateway.attach(server); // serves /trpc over HTTP, SSE and WebSocket; your server still handles everything else
  // #endregion

  const url = await openPort(server, port);
  return {
    url: `${url}/trpc`,
    async close() {
      await gateway.close(); // first, because server.close() waits for open WebSockets
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
