import { createRequire } from "node:module";
import { WebSocket as NodeWebSocket } from "ws";

export { neverConnected } from "../never-connected.js";

/** How long `ws` waits for the server's close frame. With its default, a half-open socket would delay the reconnect by 30 s. */
const CLOSE_TIMEOUT_MS = 2_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** How long an unused socket stays open. Short, because an open socket keeps the process alive. */
export const IDLE_CLOSE_MS = 1_000;

class Socket extends NodeWebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    // The types of `ws` lack closeTimeout.
    const options = {
      closeTimeout: CLOSE_TIMEOUT_MS,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      perMessageDeflate: false,
    };
    super(url, protocols, options);
  }
}

/** The platform's WebSocket, which dispatches `close` about 2 s after a close that the server does not answer. */
export function platformWebSocket(): typeof WebSocket | undefined {
  // `ws` has all members of the DOM's class that tRPC uses. TypeScript only rejects it for its own types of events.
  return Socket as unknown as typeof WebSocket;
}

/** The version of the installed tRPC client, or undefined in a bundle. */
export function installedTrpcClient(): string | undefined {
  try {
    const { version }: { version?: string } = createRequire(import.meta.url)("@trpc/client/package.json");
    return version;
  } catch {
    return undefined;
  }
}
