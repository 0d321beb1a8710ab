import { createTRPCClient, createWSClient, httpBatchLink, splitLink, wsLink } from "@trpc/client";
import superjson from "superjson";
import { createJobsClient } from "telltale/client";
import type { jobs } from "./contracts.js";
import type { AppRouter } from "./router.js";

/** The app's client: its existing tRPC client, and a jobs client on top of it. */
export function createAppClient({ url, token }: Readonly<{ url: string; token: string }>) {
  const authorization = `Bearer ${token}`;
  const webSocket = createWSClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: { authorization },
    lazy: { enabled: true, closeMs: 1_000 }, // no connection while nothing is watched
    keepAlive: { enabled: true }, // detects dead connections
  });
  const trpc = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === "subscription",
        true: wsLink({ client: webSocket, transformer: superjson }),
        false: httpBatchLink({ url, headers: { authorization }, methodOverride: "POST", transformer: superjson }),
      }),
    ],
  });
  // #region jobs
  const client = createJobsClient<typeof jobs>(trpc.jobs);
  // #endregion
  return { trpc, jobs: client, close: () => webSocket.close() };
}

export type AppClient = ReturnType<typeof createAppClient>;
