import { TelltaleError } from "../../core/index.js";

/** The version of the keys' layout that this code reads and writes. A newer one in Redis is refused at start. */
export const LAYOUT_VERSION = 1;

// In the order lib/keys.lua binds them in, with the types they have.
const QUEUE_KEYS = [
  ["meta", "hash"],
  ["bell", "list"],
  ["leases", "zset"],
  ["scheduled", "zset"],
  ["completed", "zset"],
  ["failed", "zset"],
  ["unique", "hash"],
  ["waiting:urgent", "list"],
  ["waiting:high", "list"],
  ["waiting:normal", "list"],
  ["waiting:low", "list"],
  ["turns:urgent", "zset"],
  ["turns:high", "zset"],
  ["turns:normal", "zset"],
  ["turns:low", "zset"],
  ["parked", "zset"],
  ["expiring", "zset"],
  ["schedules", "hash"],
  ["instants", "zset"],
  ["suspects", "zset"],
  ["aside", "zset"],
] as const;

/** The type of each key in `QueueKeys.all`. */
export const KEY_TYPES: readonly string[] = QUEUE_KEYS.map(([, type]) => type);

/** The names of one queue's keys and channels. All share the hash tag `{queue}`, so that one slot holds the queue. */
export interface QueueKeys {
  readonly queue: string;
  /** What every script is given as KEYS. */
  readonly all: readonly string[];
  readonly bell: string;
  /** Channel on which workers hear of cancels. */
  readonly control: string;
  /** Hash of one job. */
  job(id: string): string;
  /** List of one job's transitions, and the channel they are published on. */
  feed(id: string): string;
  /** List of one job's chunks, and the channel they are published on. */
  chunks(id: string): string;
}

/** Names the keys of a queue below a prefix. */
export function queueKeys(prefix: string, queue: string): QueueKeys {
  const base = `${prefix}:{${queue}}:`;
  return {
    queue,
    all: QUEUE_KEYS.map(([name]) => base + name),
    bell: `${base}bell`,
    control: `${base}control`,
    job: (id) => `${base}job:${id}`,
    feed: (id) => `${base}feed:${id}`,
    chunks: (id) => `${base}chunks:${id}`,
  };
}

/** The random key that signs job tokens where no AUTH_SECRET is given; shared by all servers on this Redis. */
export function secretKey(prefix: string): string {
  return `${prefix}:{secret}`;
}

/** A counter that is raised so that there is something to wait for replicas with; see `ReplicaWait`. */
export function replicaMarkKey(prefix: string): string {
  return `${prefix}:{replicas}`;
}

/** Throws `invalid_config` for a prefix that would break the hash tag. */
export function checkPrefix(prefix: string): string {
  if (/^[A-Za-z0-9._-]{1,64}$/.test(prefix)) return prefix;
  throw new TelltaleError("invalid_config", `A prefix is 1 to 64 of A-Z a-z 0-9 . _ -, not ${JSON.stringify(prefix)}`);
}
