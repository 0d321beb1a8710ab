import { once } from "node:events";
import { createTRPCClient, createWSClient, httpBatchLink, splitLink, wsLink } from "@trpc/client";
import superjson from "superjson";
import { createClient } from "telltale/client";
import { WebSocket } from "ws";
import type { noops } from "../contenders/telltale/contracts.js";
import type { Router } from "../contenders/trpc/router.js";
import type { CallerWay } from "./calls.js";

/** Submits a job through a server, and resolves with its result. */
type Call = (n: number) => Promise<number>;

/** A connected client. */
export interface Caller extends AsyncDisposable {
  readonly call: Call;
}

export const CALLERS: Readonly<Record<CallerWay, (port: number) => Promise<Caller>>> = {
  async sdk(port) {
    const client = createClient<typeof noops>({ url: `http://127.0.0.1:${port}`, router: "jobs", auth: "caller" });
    return {
      call: async (n) => (await (await client.noop.submit({ n })).output()).n,
      [Symbol.asyncDispose]: () => client.close(),
    };
  },

  // As tRPC's documentation connects a client that also subscribes: calls over HTTP, subscriptions over a WebSocket.
  async trpc(port) {
    const transformer = superjson;
    const ws = createWSClient({ url: `ws://127.0.0.1:${port}`, WebSocket: Object(WebSocket) });
    const client = createTRPCClient<Router>({
      links: [
        splitLink({
          condition: ({ type }) => type === "subscription",
          true: wsLink({ client: ws, transformer }),
          false: httpBatchLink({ url: `http://127.0.0.1:${port}`, transformer }),
        }),
      ],
    });
    return {
      async call(n) {
        await client.submit.mutate({ n });
        return new Promise((resolve, reject) => {
          const subscription = client.onResult.subscribe(
            { n },
            {
              onData({ data }) {
                subscription.unsubscribe();
                resolve(data.n);
              },
              onError: reject,
            },
          );
        });
      },
      [Symbol.asyncDispose]: () => ws.close(),
    };
  },

  async ws(port) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(socket, "open");
    const waiting = new Map<number, (n: number) => void>();
    socket.on("message", (data) => {
      const { n } = JSON.parse(data.toString());
      waiting.get(n)?.(n);
      waiting.delete(n);
    });
    return {
      call: (n) =>
        new Promise((resolve) => {
          waiting.set(n, resolve);
          socket.send(JSON.stringify({ n }));
        }),
      [Symbol.asyncDispose]: async () => socket.terminate(),
    };
  },
};
