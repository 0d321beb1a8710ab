import { createServer } from "node:http";
import { Redis } from "ioredis";
import { WebSocket, WebSocketServer } from "ws";
import { listening } from "../listening.js";
import { serveLive } from "../serve-live.js";

// The floor: what Redis publishes is sent as it is, to every socket of the topic. Nothing is kept, numbered or repeated.
serveLive(async (path) => {
  const [subscriber, jobs] = [new Redis(path), new Redis(path)];
  const rooms = new Map<string, Set<WebSocket>>();
  const asked = new Map<number, WebSocket>();
  await subscriber.subscribe("results");
  subscriber.on("message", (topic: string, text: string) => {
    if (topic === "results") {
      const { n } = JSON.parse(text);
      asked.get(n)?.send(text);
      asked.delete(n);
    }
    for (const socket of rooms.get(topic) ?? []) if (socket.readyState === WebSocket.OPEN) socket.send(text);
  });

  const server = createServer();
  new WebSocketServer({ server }).on("connection", async (socket, { url = "" }) => {
    const topic = new URL(url, "ws://localhost").searchParams.get("topic");
    socket.on("message", (data) => {
      const text = data.toString();
      asked.set(JSON.parse(text).n, socket);
      void jobs.lpush("jobs", text);
    });
    if (topic === null) return;
    const room = rooms.get(topic) ?? new Set();
    rooms.set(topic, room.add(socket));
    socket.on("close", () => room.delete(socket));
    await subscriber.subscribe(topic);
    socket.send("ready");
  });
  return listening(server);
});
