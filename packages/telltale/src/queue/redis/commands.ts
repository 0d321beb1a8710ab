import type { ChainableCommander, Redis } from "ioredis";

/**
 * What a process uses Redis for. `jobs` is what every process does: it submits, finds, lists, watches, cancels and schedules jobs.
 * `limits` and `secret` are the limits and the token key of a jobs router, and `replicas` is the option of that name.
 */
export type RedisUse = "jobs" | "worker" | "limits" | "secret" | "replicas";

/**
 * The commands that are called outside of scripts, and what for. `null` is a command that Telltale can do without. Connections have no
 * other commands, so a new one does not compile until it is in this list, from which permissions are checked.
 */
export const DIRECT_COMMANDS = {
  eval: "jobs",
  evalsha: "jobs",
  ping: "jobs",
  subscribe: "jobs",
  unsubscribe: "jobs",
  exists: "jobs",
  hget: "jobs",
  lrange: "jobs",
  zrange: "jobs",
  brpop: "worker",
  lpush: "worker",
  incrby: "limits",
  pexpire: "limits",
  pttl: "limits",
  get: "secret",
  set: "secret",
  incr: "replicas",
  wait: "replicas",
  info: null,
} as const satisfies Partial<Record<keyof Redis, RedisUse | null>>;

type DirectCommand = keyof typeof DIRECT_COMMANDS;

/** A connection to Redis. */
export type Connection = Pick<
  Redis,
  | DirectCommand
  | ("status" | "options" | "stream" | "connect" | "disconnect")
  | ("on" | "once" | "off" | "emit" | "setMaxListeners")
> & {
  /** Sends commands together. Do not chain them: the results of its methods have all commands of ioredis. */
  pipeline(): Pick<ChainableCommander, DirectCommand | "exec">;
};
