import type { RedisUse } from "../redis/commands.js";
import { composeLua } from "./compose-lua.js";
import { SCRIPTS, SHARED } from "./lua.generated.js";
import type { ScriptName } from "./script.js";

/** What each script is used for. */
const SCRIPT_USES = {
  beat: "worker",
  cancel: "jobs",
  "cancel-many": "jobs",
  chunk: "worker",
  claim: "worker",
  compact: "worker",
  complete: "worker",
  condemn: "worker",
  detail: "jobs",
  "drain-workers": "jobs",
  "due-schedules": "worker",
  expire: "worker",
  extend: "worker",
  fail: "worker",
  failures: "jobs",
  "find-existing": "jobs",
  "fire-schedule": "worker",
  "list-running": "jobs",
  "list-sorted": "jobs",
  "list-waiting": "jobs",
  "list-workers": "jobs",
  leave: "worker",
  log: "worker",
  "mark-log": "worker",
  obliterate: "jobs",
  open: "jobs",
  pause: "jobs",
  progress: "worker",
  promote: "worker",
  prune: "worker",
  read: "jobs",
  "read-aside": "jobs",
  "read-log": "jobs",
  "read-history": "jobs",
  "read-schedules": "jobs",
  reclaim: "worker",
  release: "worker",
  remove: "jobs",
  "remove-many": "jobs",
  "remove-schedule": "jobs",
  rerun: "jobs",
  "rerun-many": "jobs",
  resume: "jobs",
  "run-many-now": "jobs",
  "run-now": "jobs",
  "set-schedule": "jobs",
  stats: "jobs",
  submit: "jobs",
} as const satisfies Record<ScriptName, RedisUse>;

// A choice between commands, such as `front and 'RPUSH' or 'LPUSH'`, is one call. `mending` passes its first argument on.
const CALL = /\b(?:redis\.p?call|mending)\(\s*([^,()]*)/g;
const COMMAND = /'([A-Z]+)'/g;
const KEY = /\bprefix \.\. '([a-z]+:?)'/g;

/** Returns the commands that the scripts for a use call, in lower case, from their text. */
export function scriptCommands(use: RedisUse): string[] {
  const calls = sourcesFor(use).flatMap((source) => [...source.matchAll(CALL)]);
  const commands = calls.flatMap(([, first = ""]) => [...first.matchAll(COMMAND)].map(([, name = ""]) => name));
  return [...new Set(commands)].map((name) => name.toLowerCase());
}

/** Returns how the names of the keys begin that scripts build after a queue's prefix. */
export function scriptKeys(): string[] {
  const text = SHARED.map((shared) => shared.text).concat(Object.values(SCRIPTS).map((script) => script.text));
  return [...new Set(text.flatMap((one) => [...one.matchAll(KEY)].map(([, start = ""]) => start)))];
}

function sourcesFor(use: RedisUse): string[] {
  return Object.entries(SCRIPTS).flatMap(([name, script]) =>
    Object.entries(SCRIPT_USES).some(([one, its]) => one === name && its === use) ? [composeLua(script, SHARED)] : [],
  );
}
