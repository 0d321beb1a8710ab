import { once } from "node:events";
import type { Server } from "node:http";

/** A running app. */
export interface Listening {
  /** The URL of its tRPC endpoint. */
  readonly url: string;
  close(): Promise<void>;
}

/** Opens a port on loopback, 0 for a free one, and returns the server's URL. */
export async function openPort(server: Server, port: number): Promise<string> {
  await once(server.listen(port, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return `http://127.0.0.1:${address.port}`;
}
