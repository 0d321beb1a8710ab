// The feed of 04 as a tRPC subscription: typed, over a WebSocket, and resumed automatically when that breaks.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { initTRPC, tracked } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { Redis } from "ioredis";
import { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { move, watch } from "../04-feed/feed.js";

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");
const cursors: (string | undefined)[] = [];

// The server. `tracked` gives each event an id; tRPC's client sends the last one back as lastEventId.
const t = initTRPC.create();
const router = t.router({
  submit: t.procedure.input(z.object({ id: z.string() })).mutation(({ input }) => move(redis, input.id, "queued")),
  onStatus: t.procedure
    .input(z.object({ id: z.string(), lastEventId: z.string().optional() }))
    .subscription(async function* ({ input }) {
      cursors.push(input.lastEventId);
      const after = Number(input.lastEventId ?? 0);
      for await (const event of watch(redis, input.id, { after })) yield tracked(String(event.seq), event);
    }),
});
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
applyWSSHandler({ wss: server, router });
await once(server, "listening");

// The client knows only the type of the router.
const { port } = server.address() as AddressInfo;
if (!("WebSocket" in globalThis)) Object.assign(globalThis, { WebSocket }); // Node 20 has none
const socket = createWSClient({ url: `ws://127.0.0.1:${port}`, retryDelayMs: () => 20 });
const trpc = createTRPCClient<typeof router>({ links: [wsLink({ client: socket })] });

await trpc.submit.mutate({ id: "mail_1" });
const seen: string[] = [];
await new Promise<void>((resolve, reject) => {
  trpc.onStatus.subscribe(
    { id: "mail_1" },
    {
      onData: ({ data }) => {
        seen.push(`${data.seq} ${data.status}`);
        if (data.status === "queued") void move(redis, "mail_1", "running");
        if (data.status === "running") void cutAndGoOn();
      },
      onComplete: resolve,
      onError: reject,
    },
  );
});
console.log(`seen       ${seen.join("  ")}`);
console.log(`cursors    ${cursors.map((cursor) => cursor ?? "none").join(", then ")}`);
process.exitCode = seen.join() === "1 queued,2 running,3 retrying,4 queued,5 completed" && cursors[1] === "2" ? 0 : 1;

await socket.close();
server.close();
redis.disconnect();

/** Cuts every connection while the job goes on. */
async function cutAndGoOn(): Promise<void> {
  for (const client of server.clients) client.terminate();
  console.log("cut        every connection, after 2 running");
  for (const status of ["retrying", "queued", "completed"]) await move(redis, "mail_1", status);
}
