import { createTRPCClient, createWSClient, httpBatchLink, splitLink, wsLink } from "@trpc/client";
import superjson from "superjson";
import type { App } from "../jobs-server.js";

/** A page before it adds jobs: it has a tRPC client over HTTP and a WebSocket, with superjson. */
export const trpc = createTRPCClient<App>({
  links: [
    splitLink({
      condition: ({ type }) => type === "subscription",
      true: wsLink({ client: createWSClient({ url: "/trpc" }), transformer: superjson }),
      false: httpBatchLink({ url: "/trpc", transformer: superjson }),
    }),
  ],
});
