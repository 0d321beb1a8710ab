import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";
import { listening } from "../listening.js";
import { serveLive } from "../serve-live.js";

serveLive((path) => {
  const server = createServer();
  const io = new Server(server, {
    adapter: createAdapter(new Redis(path), new Redis(path)),
    transports: ["websocket"],
  });
  io.on("connection", async (socket) => {
    await socket.join(String(socket.handshake.query.topic));
    socket.emit("ready");
  });
  return listening(server);
});
