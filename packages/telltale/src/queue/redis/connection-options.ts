import type { RedisOptions } from "ioredis";
import { TelltaleError } from "../../core/index.js";
import { ruleOf } from "./option-rules.js";
import { type GivenOptions, optionsOfUrl } from "./redis-url.js";

/** An ioredis instance, also one of another copy or version of ioredis. */
export interface RedisInstance {
  readonly options: object;
  readonly status: string;
  /** Returns a new client with the same options. */
  duplicate(override?: object): {
    readonly options: object;
    /** Closes the client. */
    disconnect(): void;
  };
}

/**
 * How to connect to Redis: a URL, the path of a unix socket, ioredis options, or an ioredis instance, whose options are copied.
 *
 * All options apply to all connections of Telltale, also those in a URL's query. An option that cannot apply is refused with its name:
 * what Telltale sets itself (timeouts, reconnecting), and replicas. Functions, such as `tls.checkServerIdentity`, are refused by
 * `createWorker`, because a worker keeps its leases alive from a thread.
 */
export type RedisSource = string | RedisOptions | RedisInstance;

/** Checked options of ioredis, for `openConnection`. */
export type ConnectionOptions = RedisOptions;

/** Certificates that ioredis knows by name; see its `TLSProfiles`. */
const TLS_PROFILES = ["RedisCloudFixed", "RedisCloudFlexible"];

/** Returns the options of a source. Throws `invalid_config` for options that Telltale does not support. */
export function connectionOptions(source: RedisSource | undefined): ConnectionOptions {
  if (source === undefined)
    throw invalid("The option `redis` is undefined. Set REDIS_URL, for example to redis://127.0.0.1:6379");
  if (typeof source === "string") return checked(optionsOfUrl(source), "The Redis URL");
  if (typeof source !== "object" || source === null || Array.isArray(source)) throw notASource();
  if ("isCluster" in source && source.isCluster === true)
    throw invalid(
      "The option `redis` is an ioredis Cluster. Telltale does not support Redis Cluster. Pass the address of a server that is not part of a cluster",
    );
  if (!("on" in source)) return checked({ ...source }, "The option `redis`");
  if (!isInstance(source)) throw notASource();
  return checked(withoutDefaults(source), "The ioredis instance");
}

function isInstance(source: object): source is RedisInstance {
  return (
    ["options", "status", "duplicate"].every((name) => name in source) &&
    "options" in source &&
    typeof source.options === "object" &&
    source.options !== null
  );
}

// The options of an instance contain every default of its copy of ioredis. Those of refused options are no wish of the caller.
function withoutDefaults(instance: RedisInstance): GivenOptions {
  const defaults = new Map(Object.entries(defaultsOf(instance)));
  return Object.fromEntries(
    Object.entries(instance.options).filter(([name, value]) => {
      const isDefault = defaults.has(name) && isSame(value, defaults.get(name));
      return !isDefault || (ruleOf(name)?.use === true && !OWN_DEFAULTS.includes(name));
    }),
  );
}

// `undefined` makes ioredis use its default. The constructor is no help: an instance has that of EventEmitter.
function defaultsOf(instance: RedisInstance): object {
  const unset = Object.fromEntries(Object.keys(instance.options).map((name) => [name, undefined]));
  const plain = instance.duplicate({ ...unset, lazyConnect: true });
  plain.disconnect();
  return { ...plain.options, lazyConnect: false };
}

/** Options that apply to all connections, but for which Telltale has another default than ioredis. */
const OWN_DEFAULTS = ["keepAlive", "connectTimeout"];

function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (Array.isArray(a) && Array.isArray(b) && a.length === 0 && b.length === 0);
}

function checked(
  given: GivenOptions,
  what: "The Redis URL" | "The option `redis`" | "The ioredis instance",
): ConnectionOptions {
  const remedy =
    what === "The ioredis instance" ? "Remove it, or pass other options instead of the instance" : "Remove it";
  const kept = Object.entries(given).filter(([name, value]) => {
    if (value === undefined) return false;
    const rule = ruleOf(name);
    if (!rule) throw invalid(`${what} has the option ${shown(name)}, which ioredis does not have. Check its spelling`);
    if (rule.use) return value !== null;
    if (rule.unless?.includes(value)) return false;
    throw invalid(`${what} has the ioredis option ${name}. ${remedy}: ${rule.why}`);
  });
  const options: ConnectionOptions = Object.fromEntries(kept);
  const { sentinels, name } = options;
  if (sentinels && (sentinels.length === 0 || name === undefined))
    throw invalid(
      `${what} has sentinels without an address or without a name. Set name to the name of the group of servers`,
    );
  const { tls }: { tls?: unknown } = options;
  if (typeof tls === "string" && !TLS_PROFILES.includes(tls))
    throw invalid(
      `${what} has an unknown value of tls. Use true, options of tls.connect, or ${TLS_PROFILES.join(" or ")}`,
    );
  return options;
}

function shown(name: string): string {
  return /^\w{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 64));
}

function notASource(): TelltaleError {
  return invalid(
    "The option `redis` must be a URL, the path of a unix socket, ioredis options, or an ioredis instance",
  );
}

function invalid(message: string): TelltaleError {
  return new TelltaleError("invalid_config", message);
}
