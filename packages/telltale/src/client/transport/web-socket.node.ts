import { createRequire } from "node:module";
import { WebSocket as NodeWebSocket } from "ws";

/** How long `ws` waits for the other end's close frame. Its default of 30 s is how long a half-open socket went unnoticed. */
const CLOSE_TIMEOUT_MS = 2_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** How long an unused socket stays open. Short, because it keeps a process alive. */
export const IDLE_CLOSE_MS = 1_000;

class Socket extends NodeWebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    // Larger than the types of `ws` know: they lack closeTimeout.
    const options = {
      closeTimeout: CLOSE_TIMEOUT_MS,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      perMessageDeflate: false,
    };
    super(url, protocols, options);
  }
}

/** The WebSocket of the platform, which raises `close` about 2 s after a close that the other end does not answer. */
export function platformWebSocket(): typeof WebSocket {
  // `ws` has the surface of the DOM's class that tRPC uses; their event types differ in name only.
  return Socket as unknown as typeof WebSocket;
}

/** The version of the tRPC client beside this library; undefined in a bundle. */
export function installedTrpcClient(): string | undefined {
  try {
    const { version }: { version?: string } = createRequire(import.meta.url)("@trpc/client/package.json");
    return version;
  } catch {
    return undefined;
  }
}
