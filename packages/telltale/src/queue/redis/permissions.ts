import { z } from "zod";
import { TelltaleError } from "../../core/index.js";
import { scriptCommands, scriptKeys } from "../scripts/script-uses.js";
import { type Connection, DIRECT_COMMANDS, type RedisUse } from "./commands.js";
import type { ConnectionOptions } from "./connection-options.js";
import { queueKeys, queueNamesKey, registryKeys, replicaMarkKey, secretKey } from "./keys.js";
import { firstLine, toTelltaleError } from "./redis-error.js";

/** Whose permissions are checked, and what for. */
export interface PermissionsAsked {
  readonly uses: ReadonlySet<RedisUse>;
  readonly prefix: string;
  readonly queues: readonly string[];
  readonly connection: ConnectionOptions;
}

// Asks about the permissions of the user that runs it, so the user needs none of the ACL commands. `acl_check_cmd` does not check the
// number of arguments, and some commands read beyond them, so each gets enough. If it refuses a command, calling that command says why,
// and changes nothing. Only ACL rules for commands, keys and channels are told apart, in the words of Redis 7.0 and of later versions.
const SCRIPT = `#!lua flags=no-writes,allow-oom,allow-stale
-- Servers that only resemble Redis may not have it. Nothing is checked there.
if not pcall(redis.acl_check_cmd, 'time') then return { {}, {}, {} } end
local asked = cjson.decode(ARGV[1])
local function may(...)
  local known, permitted = pcall(redis.acl_check_cmd, ...)
  return known and permitted
end
local function may_on(command, key)
  if command == 'eval' or command == 'evalsha' then return may(command, 'x', '1', key) end
  if command == 'client|setname' then return may('client', 'setname', 'x') end
  return may(command, key, key, key, key)
end
local function refused_because_of(command, name)
  if not pcall(redis.acl_check_cmd, command, name, name, name, name) then return 'command' end
  local args, message = {}, ''
  for count = 1, 5 do
    local reply = redis.pcall(command, unpack(args))
    message = type(reply) == 'table' and reply.err or ''
    if not string.find(message, 'number of args', 1, true) then break end
    args[count] = name
  end
  if string.find(message, 'not allowed from', 1, true) then return 'unknown' end
  -- Newer servers name the user, whose name may contain the words below.
  if string.find(message, 'permissions to run', 1, true) or string.find(message, "can't run", 1, true) then return 'command' end
  return (string.find(message, 'access', 1, true) or string.find(message, 'channel', 1, true)) and 'name' or 'command'
end

local commands, locked_keys, locked_channels = {}, {}, {}
local is_missing, unsure = {}, {}
local function miss(command)
  is_missing[command] = true
  table.insert(commands, command)
end
for _, command in ipairs(asked.commands) do
  if not may_on(command, asked.keys[1]) then
    local reason = refused_because_of(command, asked.keys[1])
    if reason == 'command' then miss(command) elseif reason == 'unknown' then table.insert(unsure, command) end
  end
end

local function first(candidates)
  for _, command in ipairs(candidates) do if not is_missing[command] then return command end end
end
local read, write = first(asked.reads), first(asked.writes)
for _, key in ipairs(asked.keys) do
  if (read and not may_on(read, key)) or (write and not may_on(write, key)) then table.insert(locked_keys, key) end
end
if locked_keys[1] ~= asked.keys[1] then
  for _, command in ipairs(unsure) do miss(command) end
end

local channel = asked.channels[1]
if not may('publish', channel, 'x') and refused_because_of('publish', channel) == 'command' then miss('publish') end
for _, one in ipairs(asked.channels) do
  if not is_missing.publish and not may('publish', one, 'x') then table.insert(locked_channels, one) end
end
if locked_channels[1] ~= channel and not may('subscribe', channel) then miss('subscribe') end
return { commands, locked_keys, locked_channels }`;

const Answer = z.tuple([z.array(z.string()), z.array(z.string()), z.array(z.string())]);

// Commands on keys that read, and that write. The first one that is permitted shows which keys are.
const READS = ["hget", "hmget", "exists", "zscore", "lrange"];
const WRITES = ["hset", "del", "zadd", "lpush", "rpush"];
// They are checked for channels.
const ON_CHANNELS = ["publish", "subscribe"];

/**
 * Returns the ACL rules that the user of a connection lacks for these uses, such as `+hget` and `&telltale:{*`. Needs no permission
 * except EVAL. Rejects with `unsupported_redis` if the server is older than Redis 7.0, or with `redis_unavailable`.
 */
export async function missingPermissions(redis: Connection, asked: PermissionsAsked): Promise<string[]> {
  if (asked.queues.length === 0) return [];
  const { db, connectionName } = asked.connection;
  const commands = [
    ...neededCommands(asked.uses).filter((command) => !ON_CHANNELS.includes(command)),
    ...(Number(db) > 0 ? ["select"] : []),
    // ioredis ignores the error if it may not set the name.
    ...(connectionName ? ["client|setname"] : []),
  ];
  const keys = sampleKeys(asked);
  const channels = asked.queues.flatMap((queue) => {
    const on = queueKeys(asked.prefix, queue);
    return [on.feed("x"), on.chunks("x"), on.logs("x"), on.control];
  });
  channels.push(registryKeys(asked.prefix).asked);
  const question = JSON.stringify({ commands, keys, channels, reads: READS, writes: WRITES });
  let reply: unknown;
  try {
    reply = await redis.eval(SCRIPT, 0, question);
  } catch (error) {
    const message = firstLine(error);
    if (message.startsWith("NOPERM")) return ["+eval"];
    // Older versions do not know the flags in the first line.
    if (message.includes("compiling script"))
      throw new TelltaleError(
        "unsupported_redis",
        "Telltale needs Redis 7.0 or Valkey 7.2 or newer. Upgrade the server",
      );
    // It writes nothing, so the outcome is never unknown.
    throw toTelltaleError(error, { wasSentOnce: true });
  }
  const [missing, lockedKeys, lockedChannels] = Answer.parse(reply);
  return [
    ...missing.sort().map((command) => `+${command}`),
    ...patterns("~", { asked, all: keys, locked: lockedKeys }),
    ...patterns("&", { asked, all: channels, locked: lockedChannels }),
  ];
}

/** Returns the ACL rules that a user needs for these uses, and no others. Telltale works with `+info` missing, but checks less. */
export function minimalRules(uses: Iterable<RedisUse>, prefix: string): string[] {
  const commands = [...neededCommands(uses), "info"].sort();
  return ["resetchannels", `~${prefix}:{*`, `&${prefix}:{*`, "-@all", ...commands.map((command) => `+${command}`)];
}

function neededCommands(uses: Iterable<RedisUse>): string[] {
  const all = [...uses].flatMap((use) => [
    ...scriptCommands(use),
    ...Object.entries(DIRECT_COMMANDS).flatMap(([command, its]) => (its === use ? [command] : [])),
  ]);
  return [...new Set(all)].sort();
}

/** Returns a key of each kind. */
function sampleKeys({ uses, prefix, queues }: PermissionsAsked): string[] {
  return [
    ...queues.flatMap((queue) => {
      const { all, bell } = queueKeys(prefix, queue);
      const base = bell.slice(0, -"bell".length);
      // A key that does not exist comes first, because commands that are refused are called with it.
      return [`${base}job:x`, ...all, ...scriptKeys().map((start) => `${base}${start}x`), `${base}failed:tag:x`];
    }),
    queueNamesKey(prefix),
    ...registryKeys(prefix).all,
    ...(uses.has("secret") ? [secretKey(prefix)] : []),
    ...(uses.has("replicas") ? [replicaMarkKey(prefix)] : []),
    ...(uses.has("limits") ? [`${prefix}:{submits:x}`] : []),
  ];
}

/** Returns the patterns for names that are locked: one for all if none is open, otherwise one for each queue. */
function patterns(
  sign: "~" | "&",
  { asked, all, locked }: { asked: PermissionsAsked; all: readonly string[]; locked: readonly string[] },
): string[] {
  if (locked.length === 0) return [];
  if (all.every((name) => locked.includes(name))) return [`${sign}${asked.prefix}:{*`];
  return [...new Set(locked.map((name) => sign + name.replace(/\}.*$/, name.includes("}:") ? "}:*" : "}")))];
}
