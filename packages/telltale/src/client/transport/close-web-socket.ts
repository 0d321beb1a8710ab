import type { TRPCWebSocketClient } from "@trpc/client";

/** Longer than the 2 s after which a socket gives up its own close. */
const GIVE_UP_MS = 3_000;

/** Closes a WebSocket without waiting for the server. If it was open, its `close` event is dispatched at once. */
export function dropWebSocket(socket: WebSocket): void {
  // The classes of both platforms have `terminate`, which the DOM's class lacks. A socket that is not open yet needs an `error`
  // event, which `close` causes in browsers too.
  const isOpening = socket.readyState === socket.CONNECTING;
  if (!isOpening && "terminate" in socket && typeof socket.terminate === "function") socket.terminate();
  else socket.close();
}

/** Closes a tRPC WebSocket client, and waits up to 3 s until its socket is closed. */
export async function closeWebSocket(client: TRPCWebSocketClient): Promise<void> {
  const socket = client.connection?.ws;
  const gone = new Promise<void>((resolve) => {
    if (!socket || socket.readyState === socket.CLOSED) resolve();
    else socket.addEventListener("close", () => resolve(), { once: true });
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const giveUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GIVE_UP_MS);
  });
  await Promise.race([giveUp, Promise.all([client.close(), gone])]);
  clearTimeout(timer);
}
