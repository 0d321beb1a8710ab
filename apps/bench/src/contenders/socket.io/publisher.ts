import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";
import { servePublisher } from "../serve-live.js";

servePublisher(async (path, topics) => {
  const io = new Server({ adapter: createAdapter(new Redis(path), new Redis(path)) });
  return {
    topics: Array.from({ length: topics }, (_, i) => `topic-${i}`),
    publish: (topic, event) => io.to(topic).emit("progress", event),
  };
});
