import { once } from "node:events";
import type { Server } from "node:http";

/** An app that can be reached. */
export interface Listening {
  /** Of its tRPC, over HTTP. */
  readonly url: string;
  close(): Promise<void>;
}

/** Opens a port on loopback, 0 for a free one, and returns the server's URL. */
export async function openPort(server: Server, port: number): Promise<string> {
  await once(server.listen(port, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port");
  return `http://127.0.0.1:${address.port}`;
}
