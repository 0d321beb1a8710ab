import { once } from "node:events";
import type { Server } from "node:http";
import type { Express } from "express";

/** Serves an app on loopback and returns its address. Port 0 picks a free port. */
export async function listen(app: Express, port: number): Promise<{ server: Server; url: string }> {
  const server = app.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return { server, url: `http://127.0.0.1:${address.port}` };
}
