import { Redis, type RedisOptions } from "ioredis";
import type { Connection } from "./commands.js";
import type { ConnectionOptions } from "./connection-options.js";
import { DEMOTED, isDemoted } from "./demoted.js";

/**
 * The purpose of a connection:
 *
 * - `commands` gets a reply or an error within seconds.
 * - `subscriber` belongs to the hub, which resubscribes by itself. ioredis does not handle the promise of its own resubscribe, so a
 *   failure would end the process.
 * - `blocking` waits for a doorbell. It has no command timeout, because what the server pops after a timeout would be lost.
 */
export type ConnectionRole = "commands" | "subscriber" | "blocking";

const CONNECT_TIMEOUT_MS = 5_000;
/** How often a silent connection is checked with PING, in ms. */
export const PING_MS = 4_000;
const SILENT_MS = 10_000;
const COMMAND_TIMEOUT_MS = 5_000;
// Less than the command timeout, so that commands on a half-open connection are sent again over a new one and can still get a reply.
// The kernel gives such a connection up only after about a quarter of an hour.
const SILENT_COMMAND_MS = 3_500;

/**
 * Opens a connection for a role. It reconnects automatically. It also reconnects if a command finds that the server has become a
 * replica. It then emits `DEMOTED`, and that command rejects.
 */
export function openConnection(options: ConnectionOptions, role: ConnectionRole): Connection {
  const redis: Redis = new Redis({
    keepAlive: 10_000,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...options,
    enableAutoPipelining: false,
    reconnectOnError: (error) => isDemoted(error) && redis.emit(DEMOTED, error) !== null,
    retryStrategy: (times) => Math.random() * Math.min(50 * 2 ** Math.min(times, 6), 1_000),
    ...roleSettings(role),
    // The parsers of the scripts' replies expect this shape, with RESP2 and RESP3.
    replyMapping: "legacy",
  });
  // Every call that waits for the connection adds a listener and removes it again. Node would mistake many of them for a leak.
  return redis.setMaxListeners(0);
}

/** Returns a function that returns how often a connection was lost. Between two equal counts, no command was sent twice. */
export function lossesOf(redis: Connection): () => number {
  let losses = 0;
  redis.on("close", () => {
    losses += 1;
  });
  return () => losses;
}

function roleSettings(role: ConnectionRole): RedisOptions {
  switch (role) {
    case "commands":
      // Commands that are in flight when the connection is lost are sent again. This is safe, because all scripts are idempotent.
      return {
        enableOfflineQueue: false,
        maxRetriesPerRequest: 3,
        commandTimeout: COMMAND_TIMEOUT_MS,
        socketTimeout: SILENT_COMMAND_MS,
      };
    case "subscriber":
      return {
        autoResubscribe: false,
        autoResendUnfulfilledCommands: false,
        lazyConnect: false,
        maxRetriesPerRequest: null,
        socketTimeout: SILENT_MS,
      };
    case "blocking":
      return {
        autoResendUnfulfilledCommands: false,
        enableOfflineQueue: false,
        lazyConnect: false,
        maxRetriesPerRequest: null,
      };
  }
}
