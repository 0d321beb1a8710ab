import { Redis, type RedisOptions } from "ioredis";
import { TelltaleError } from "../../core/index.js";
import { DEMOTED, isDemoted } from "./demoted.js";

/** How to connect to Redis: a URL, the path of a unix socket, ioredis options, or an ioredis instance, whose options are copied. */
export type RedisSource = string | RedisOptions | Redis;

/**
 * The purpose of a connection. `commands` gets a reply or an error within seconds. `subscriber` belongs to the hub, which
 * resubscribes itself: ioredis would drop the promise of its own resubscribe, and a failure would end the process. `blocking` waits
 * on a doorbell, without a command timeout, which would lose what the server pops afterwards.
 */
export type ConnectionRole = "commands" | "subscriber" | "blocking";

/** Connection options as plain data, which can be passed to a thread. */
export type ConnectionOptions = RedisOptions & { readonly url?: string };

const CONNECT_TIMEOUT_MS = 5_000;
/** How often a silent connection is checked with PING. */
export const PING_MS = 4_000;
const SILENT_MS = 10_000;
const COMMAND_TIMEOUT_MS = 5_000;
// Less than the command timeout, so that commands on a half-open connection are sent again over a new one and still get a reply. The
// kernel would only give the connection up after a quarter of an hour.
const SILENT_COMMAND_MS = 3_500;

/** Returns the plain options of a source. Throws `invalid_config` for options that the engine cannot work with. */
export function connectionOptions(source: RedisSource | undefined): ConnectionOptions {
  if (typeof source === "string") return { url: checkedUrl(source) };
  if (source === undefined)
    throw new TelltaleError(
      "invalid_config",
      "The option `redis` is undefined. Set REDIS_URL, for example to redis://127.0.0.1:6379",
    );
  const options = source instanceof Redis ? source.options : source;
  if (options.keyPrefix) {
    throw new TelltaleError(
      "invalid_config",
      "keyPrefix does not reach Lua scripts and channels: use Telltale's prefix",
    );
  }
  return plain(options);
}

/**
 * Opens a connection for a role. It reconnects by itself, also if its server has become a replica: then it emits `DEMOTED`, and
 * the command that found this out rejects.
 */
export function openConnection(options: ConnectionOptions, role: ConnectionRole): Redis {
  const { url, ...given } = options;
  const settings: RedisOptions = {
    ...given,
    keepAlive: 10_000,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableAutoPipelining: false,
    reconnectOnError: (error) => isDemoted(error) && redis.emit(DEMOTED, error) !== null,
    retryStrategy: (times) => Math.random() * Math.min(50 * 2 ** Math.min(times, 6), 1_000),
    ...roleSettings(role),
  };
  // The parsers of the scripts' replies expect this shape, with RESP2 and RESP3.
  const legacy = { ...settings, replyMapping: "legacy" as const };
  const redis: Redis = url === undefined ? new Redis(legacy) : new Redis(url, legacy);
  // Every call that waits for the connection adds a listener and removes it again, so a warning of a leak would be wrong.
  return redis.setMaxListeners(0);
}

/** Returns a function that counts the losses of a connection. Between two equal counts, no command was sent twice. */
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
      // Commands in flight when the connection is lost are sent again. All scripts are idempotent.
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

// Leaves out functions and sockets of the given instance. The rest can be cloned into a thread.
function plain(options: RedisOptions): ConnectionOptions {
  const kept = ["host", "port", "path", "username", "password", "db", "family", "tls", "sentinels", "name"] as const;
  return Object.fromEntries(kept.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])));
}

function checkedUrl(url: string): string {
  if (url.startsWith("/")) return url;
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  if (protocol === "redis:" || protocol === "rediss:") return url;
  // The URL may contain a password, so the message does not quote it.
  throw new TelltaleError("invalid_config", "REDIS_URL must have the form redis://host:6379 or rediss://host:6379");
}
