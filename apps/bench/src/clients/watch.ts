import { io } from "socket.io-client";
import type { JobHandle } from "telltale";
import { createClient } from "telltale/client";
import { WebSocket } from "ws";
import type { LiveEvent } from "../contenders/live-calls.js";
import type { live, liveJobs } from "../contenders/telltale/contracts.js";
import type { Way } from "./calls.js";

interface Place {
  readonly port: number;
  readonly topic: string;
}

/** Connects one watcher, of any contender. Resolves when it is subscribed, and calls `on` with each event from then on. */
type Watch = (place: Place, on: (event: LiveEvent) => void) => Promise<void>;

/** Bare sockets parse each frame and no more, so that the watchers leave the processor to the server. */
export const WATCH: Readonly<Record<Way, Watch>> = {
  ws: ({ port, topic }, on) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/?topic=${topic}`).on("error", reject);
      socket.on("message", (data) => {
        const text = data.toString();
        if (text === "ready") resolve();
        else on(JSON.parse(text));
      });
    }),

  "socket.io": ({ port, topic }, on) =>
    new Promise((resolve, reject) => {
      const options = { transports: ["websocket"], query: { topic }, forceNew: true };
      io(`http://127.0.0.1:${port}`, options).on("connect_error", reject).on("ready", resolve).on("progress", on);
    }),

  trpc: ({ port, topic }, on) =>
    subscribe({ port, path: "onProgress", topic }, (data, resolve) => {
      if (data === null) resolve();
      else on(data);
    }),

  // The first events are those of the past. A job that runs has no further ones until it reports progress.
  telltale: ({ port, topic }, on) =>
    subscribe({ port, path: "jobs.onStatus", topic }, (data, resolve) => {
      if (data?.progress) on(data.progress);
      if (data?.status === "running") resolve();
    }),

  sdk: ({ port, topic }, on) => {
    const client = createClient<typeof liveJobs>({ url: `http://127.0.0.1:${port}`, router: "jobs", auth: "watcher" });
    const job: JobHandle<typeof live> = client.live.job(topic);
    return new Promise((resolve, reject) => {
      const watch = async (): Promise<void> => {
        for await (const event of job.watch()) {
          if (event.status === "running" && event.progress) on(event.progress);
          if (event.status === "running") resolve();
        }
      };
      watch().catch(reject);
    });
  },
};

// tRPC's frames. `data` is null when the subscription has started.
function subscribe(
  { port, path, topic }: Place & { readonly path: string },
  // biome-ignore lint/suspicious/noExplicitAny: events of two routers.
  on: (data: any, resolve: () => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/trpc`).on("error", reject);
    socket.on("open", () => {
      const params = { path, input: { json: { id: topic } } };
      socket.send(JSON.stringify({ id: 1, method: "subscription", params }));
    });
    socket.on("message", (message) => {
      const text = message.toString();
      if (text === "PING") return socket.send("PONG");
      if (text === "PONG") return;
      const { result, error } = JSON.parse(text);
      if (error) reject(new Error(`${path}: ${text.slice(0, 400)}`));
      else if (result.type === "started") on(null, resolve);
      else if (result.type === "data") on(result.data.json.data, resolve);
    });
  });
}
