import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { answerAsPlainRequest } from "./plain-request.js";

/**
 * Makes a server emit `upgrade` instead of `request` for the gateway's upgrade requests, without a change for others.
 * Node emits `upgrade` for all of them if the server has a listener, and for none otherwise. A host without a listener
 * would therefore lose requests such as `Upgrade: h2c`, which HTTP/2 clients send and which it handles as ordinary
 * requests.
 */
export function takeUpgrades(server: Server, isOurs: (req: IncomingMessage) => boolean): () => void {
  const giveDecisionBack = decideUpgrades(server, isOurs);
  const onForeign = (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (server.listenerCount("upgrade") > 1) return; // The host's own listeners handle it.
    // The host's callback accepted this upgrade but there is no listener. Node destroys the connection in this case.
    if (giveDecisionBack) socket.destroy();
    else answerAsPlainRequest(server, { req, socket, head });
  };
  server.on("upgrade", onForeign);
  return () => {
    server.off("upgrade", onForeign);
    giveDecisionBack?.();
  };
}

/** Since Node 22.21 and 24.9 a server can decide for each request. Returns null on older versions. */
function decideUpgrades(server: Server, isOurs: (req: IncomingMessage) => boolean): (() => void) | null {
  if (!("shouldUpgradeCallback" in server) || typeof server.shouldUpgradeCallback !== "function") return null;
  const decide = server.shouldUpgradeCallback;
  // Node's default checks the number of listeners, from which the gateway's must be excluded.
  const withoutOurs = Object.create(server, {
    listenerCount: { value: (event: string) => server.listenerCount(event) - (event === "upgrade" ? 1 : 0) },
  });
  server.shouldUpgradeCallback = (req: IncomingMessage): unknown =>
    isOurs(req) || Reflect.apply(decide, withoutOurs, [req]);
  return () => {
    server.shouldUpgradeCallback = decide;
  };
}
