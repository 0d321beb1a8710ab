import { createGateway } from "telltale/gateway";
import type { Listening } from "./listening.js";
import { appRouter } from "./router.js";
import { createContext } from "./trpc.js";

/** Serves the same app with Telltale's gateway: one port, and limits on what clients can send and hold open. */
export async function listenWithGateway(port: number): Promise<Listening> {
  const gateway = createGateway({
    router: appRouter,
    createContext: ({ req, connectionParams }) => createContext({ req, info: { connectionParams } }),
  });
  const { url } = await gateway.listen(port);
  return { url: `${url}/trpc`, close: () => gateway.close() };
}
