import { createServer } from "node:http";
import { createHTTPHandler } from "@trpc/server/adapters/standalone";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { WebSocketServer } from "ws";
import { listening } from "../listening.js";
import { serveLive } from "../serve-live.js";
import { createRouter } from "./router.js";

serveLive(async (path) => {
  const router = await createRouter(path);
  const server = createServer(createHTTPHandler({ router }));
  applyWSSHandler({ wss: new WebSocketServer({ server }), router, keepAlive: { enabled: true } });
  return listening(server);
});
