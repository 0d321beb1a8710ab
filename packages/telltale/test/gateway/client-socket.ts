import type { createWSClient } from "@trpc/client";
import { WebSocket } from "ws";

type BrowserSocket = NonNullable<Parameters<typeof createWSClient>[0]["WebSocket"]>;

/** The `ws` class as tRPC's client wants it. A cast, because the types of ws lack `dispatchEvent`, which is never called. */
export const ClientSocket = WebSocket as unknown as BrowserSocket;
