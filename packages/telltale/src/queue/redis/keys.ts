import { TelltaleError } from "../../core/index.js";

/** The version of the key layout that this code reads and writes. A queue with another layout in Redis is refused at startup. */
export const LAYOUT_VERSION = 2;

// The names and types of a queue's keys, in the order in which lib/keys.lua binds them.
export const QUEUE_KEYS = [
  ["meta", "hash"],
  ["bell", "list"],
  ["leases", "zset"],
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
  ["scheduled:urgent", "zset"],
  ["scheduled:high", "zset"],
  ["scheduled:normal", "zset"],
  ["scheduled:low", "zset"],
  ["parked", "zset"],
  ["expiring", "zset"],
  ["schedules", "hash"],
  ["instants", "zset"],
  ["suspects", "zset"],
  ["aside", "zset"],
  ["grouped", "zset"],
  ["outstanding", "hash"],
  ["compacted", "list"],
] as const;

/** The type of each key in `QueueKeys.all`. */
export const KEY_TYPES: readonly string[] = QUEUE_KEYS.map(([, type]) => type);

/** The names of a queue's keys and channels. All contain the hash tag `{queue}`, so that they are in the same cluster slot. */
export interface QueueKeys {
  readonly queue: string;
  /** The key that scripts declare. They build the names of all others from it; see lib/keys.lua. */
  readonly meta: string;
  /** The names of the queue's own keys. */
  readonly all: readonly string[];
  readonly bell: string;
  /** The hash of the unique keys that unfinished jobs hold. */
  readonly unique: string;
  /** The channel that notifies workers when a running job is cancelled. */
  readonly control: string;
  /** The hash of a job. */
  job(id: string): string;
  /** The list of a job's transitions, and the channel on which they are published. */
  feed(id: string): string;
  /** The list of a job's chunks, and the channel on which they are published. */
  chunks(id: string): string;
  /** The list of the lines of a job's log, and the channel on which they are published. */
  logs(id: string): string;
  /** The record that a schedule was fired for this time. */
  fired(schedule: string, atMs: number): string;
}

/** Returns the names of a queue's keys. */
export function queueKeys(prefix: string, queue: string): QueueKeys {
  const base = `${prefix}:{${queue}}:`;
  return {
    queue,
    meta: `${base}meta`,
    all: QUEUE_KEYS.map(([name]) => base + name),
    bell: `${base}bell`,
    unique: `${base}unique`,
    control: `${base}control`,
    job: (id) => `${base}job:${id}`,
    feed: (id) => `${base}feed:${id}`,
    chunks: (id) => `${base}chunks:${id}`,
    logs: (id) => `${base}logs:${id}`,
    fired: (schedule, atMs) => `${base}idem:@${schedule}:${atMs}`,
  };
}

/** The key of the random secret that signs job tokens if AUTH_SECRET is not set. All servers on this Redis share it. */
export function secretKey(prefix: string): string {
  return `${prefix}:{secret}`;
}

/** The sorted set of all queues that processes with this prefix have used, in alphabetical order. */
export function queueNamesKey(prefix: string): string {
  return `${prefix}:{queues}`;
}

/** The names of the registry of workers. All contain the hash tag `{workers}`. A queue of that name has other keys. */
export interface RegistryKeys {
  /** The key that scripts declare: when each worker was last seen. They build the names of all others from it; see lib/roster.lua. */
  readonly seen: string;
  /** The names of all keys. */
  readonly all: readonly string[];
  /** The channel that notifies workers when they are asked to stop claiming. */
  readonly asked: string;
}

/** Returns the names of the registry of workers. */
export function registryKeys(prefix: string): RegistryKeys {
  const base = `${prefix}:{workers}:`;
  return {
    seen: `${base}seen`,
    all: ["seen", "roster", "records", "drained"].map((name) => base + name),
    asked: `${base}asked`,
  };
}

/** The key of a counter that is incremented before each WAIT for replicas; see `ReplicaWait`. */
export function replicaMarkKey(prefix: string): string {
  return `${prefix}:{replicas}`;
}

/** Returns the prefix. Throws `invalid_config` for other characters, some of which would break the hash tag. */
export function checkPrefix(prefix: string): string {
  if (/^[A-Za-z0-9._-]{1,64}$/.test(prefix)) return prefix;
  throw new TelltaleError(
    "invalid_config",
    `Invalid prefix ${JSON.stringify(prefix)}. Use 1 to 64 characters from A-Z a-z 0-9 . _ -`,
  );
}
