import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { platformWebSocket } from "../../src/client/transport/web-socket.node.js";

test("a socket whose other end fell silent is given up two seconds after its close, not thirty", async () => {
  const server = createServer();
  const wss = new WebSocketServer({ noServer: true });
  const raw: Duplex[] = [];
  server.on("upgrade", (req, socket, head) => {
    raw.push(socket);
    // From here on nothing is read any more: a peer behind a dead line.
    wss.handleUpgrade(req, socket, head, (peer) => peer.pause());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const Socket = platformWebSocket();
  const socket = new Socket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve) => socket.addEventListener("open", resolve));

  const start = performance.now();
  socket.close();
  await new Promise((resolve) => socket.addEventListener("close", resolve));

  expect(performance.now() - start).toBeLessThan(5_000);
  for (const end of raw) end.destroy();
  await new Promise((resolve) => server.close(resolve));
});
