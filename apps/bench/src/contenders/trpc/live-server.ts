import { EventEmitter, on } from "node:events";
import { createServer } from "node:http";
import { initTRPC, tracked } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { Redis } from "ioredis";
import superjson from "superjson";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { listening } from "../listening.js";
import { serveLive } from "../serve-live.js";

// As tRPC's documentation of subscriptions has it: a generator on an EventEmitter, with tracked events and superjson.
serveLive(async (path) => {
  const subscriber = new Redis(path);
  const topics = new EventEmitter().setMaxListeners(0);
  subscriber.on("message", (topic: string, text: string) => topics.emit(topic, JSON.parse(text)));
  const t = initTRPC.create({ transformer: superjson });
  const router = t.router({
    onProgress: t.procedure.input(z.object({ id: z.string() })).subscription(async function* ({ input, signal }) {
      const events = on(topics, input.id, signal ? { signal } : {});
      await subscriber.subscribe(input.id);
      for await (const [event] of events) yield tracked(String(event.n), event);
    }),
  });

  const server = createServer();
  applyWSSHandler({ wss: new WebSocketServer({ server }), router, keepAlive: { enabled: true } });
  return listening(server);
});
