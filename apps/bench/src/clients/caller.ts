import { once } from "node:events";
import { createClient } from "telltale/client";
import { WebSocket } from "ws";
import type { noops } from "../contenders/telltale/contracts.js";
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
