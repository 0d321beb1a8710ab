import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { answerAsPlainRequest } from "./plain-request.js";

/**
 * Makes a server announce upgrades (`upgrade` instead of `request`) for what is ours, and changes nothing for the rest:
 * Node announces them all or none, depending on whether the server has a listener. A host without one would otherwise
 * lose requests such as `Upgrade: h2c`, which HTTP/2 clients send and which are ordinary requests to it.
 */
export function takeUpgrades(server: Server, isOurs: (req: IncomingMessage) => boolean): () => void {
  const giveDecisionBack = decideUpgrades(server, isOurs);
  const onForeign = (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (server.listenerCount("upgrade") > 1) return; // For the host's own listeners.
    // Where the host decides, it wanted this upgrade and has no listener: Node destroys the connection.
    if (giveDecisionBack) socket.destroy();
    else answerAsPlainRequest(server, { req, socket, head });
  };
  server.on("upgrade", onForeign);
  return () => {
    server.off("upgrade", onForeign);
    giveDecisionBack?.();
  };
}

/** From Node 22.21 and 24.9 on a server decides by request. Null on older ones. */
function decideUpgrades(server: Server, isOurs: (req: IncomingMessage) => boolean): (() => void) | null {
  if (!("shouldUpgradeCallback" in server) || typeof server.shouldUpgradeCallback !== "function") return null;
  const decide = server.shouldUpgradeCallback;
  // Node's default counts the listeners; ours must not count.
  const withoutOurs = Object.create(server, {
    listenerCount: { value: (event: string) => server.listenerCount(event) - (event === "upgrade" ? 1 : 0) },
  });
  server.shouldUpgradeCallback = (req: IncomingMessage): unknown =>
    isOurs(req) || Reflect.apply(decide, withoutOurs, [req]);
  return () => {
    server.shouldUpgradeCallback = decide;
  };
}
