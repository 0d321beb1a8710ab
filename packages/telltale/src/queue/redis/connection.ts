import { Redis, type RedisOptions } from "ioredis";
import { TelltaleError } from "../../core/index.js";

/** How to reach Redis: a URL (or a unix socket's path), ioredis options, or an ioredis instance whose options are copied. */
export type RedisSource = string | RedisOptions | Redis;

/**
 * What a connection is for. `commands` answers or fails within seconds. `subscriber` belongs to the hub, which
 * subscribes anew by itself: ioredis drops the promise of its own resubscribe, and a failure kills the process.
 * `blocking` waits on a doorbell and has no command timeout, which would lose what the server pops afterwards.
 */
export type ConnectionRole = "commands" | "subscriber" | "blocking";

/** Options that can be handed to a thread: plain data. */
export type ConnectionOptions = RedisOptions & { readonly url?: string };

const CONNECT_TIMEOUT_MS = 5_000;
/** A silent connection is checked with PING this often … */
export const PING_MS = 4_000;
const SILENT_MS = 10_000;
const COMMAND_TIMEOUT_MS = 5_000;
// Below the command's timeout: what waits on a half-open connection is sent again over a new one and still answered. The
// kernel would give it up a quarter of an hour later.
const SILENT_COMMAND_MS = 3_500;

/** The plain options of a source. Throws `invalid_config` for what the engine cannot work with. */
export function connectionOptions(source: RedisSource | undefined): ConnectionOptions {
  if (typeof source === "string") return { url: checkedUrl(source) };
  if (source === undefined) throw new TelltaleError("invalid_config", "No Redis was given: set REDIS_URL");
  const options = source instanceof Redis ? source.options : source;
  if (options.keyPrefix) {
    throw new TelltaleError(
      "invalid_config",
      "keyPrefix does not reach Lua scripts and channels: use Telltale's prefix",
    );
  }
  return plain(options);
}

/** Opens a connection for a role. It connects by itself and again after every loss. */
export function openConnection(options: ConnectionOptions, role: ConnectionRole): Redis {
  const { url, ...given } = options;
  const settings: RedisOptions = {
    ...given,
    keepAlive: 10_000,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableAutoPipelining: false,
    retryStrategy: (times) => Math.random() * Math.min(50 * 2 ** Math.min(times, 6), 1_000),
    ...roleSettings(role),
  };
  // The shape of replies that the scripts' parsers expect, under either protocol.
  const legacy = { ...settings, replyMapping: "legacy" as const };
  const redis = url === undefined ? new Redis(legacy) : new Redis(url, legacy);
  // Every call that waits for a connection listens on it; they leave again, so there is no leak to warn of.
  return redis.setMaxListeners(0);
}

/** How often a connection was lost so far: between two equal answers no command was sent twice. */
export function lossesOf(redis: Redis): () => number {
  let losses = 0;
  redis.on("close", () => {
    losses += 1;
  });
  return () => losses;
}

function roleSettings(role: ConnectionRole): RedisOptions {
  switch (role) {
    case "commands":
      // A command in flight when the connection drops is sent again: every script bears that.
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
        maxRetriesPerRequest: null,
        socketTimeout: SILENT_MS,
      };
    case "blocking":
      return { autoResendUnfulfilledCommands: false, enableOfflineQueue: false, maxRetriesPerRequest: null };
  }
}

// Functions and sockets of a host's instance stay with the host; what remains can be cloned into a thread.
function plain(options: RedisOptions): ConnectionOptions {
  const kept = ["host", "port", "path", "username", "password", "db", "family", "tls", "sentinels", "name"] as const;
  return Object.fromEntries(kept.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])));
}

function checkedUrl(url: string): string {
  if (url.startsWith("/")) return url;
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  if (protocol === "redis:" || protocol === "rediss:") return url;
  // The URL itself may hold a password and is not repeated.
  throw new TelltaleError("invalid_config", "REDIS_URL is not of the form redis://host:6379 or rediss://host:6379");
}
