import type { Mutant } from "./mutant.js";

const DRAINS = [
  "cancel",
  "claim",
  "complete",
  "due-schedules",
  "extend",
  "fail",
  "find-existing",
  "mark-log",
  "open",
  "pause",
  "promote",
  "prune",
  "reclaim",
  "release",
  "remove",
  "remove-schedule",
  "resume",
  "run-now",
];
const TAKES_NEW = ["submit", "rerun", "progress", "chunk", "log", "set-schedule", "fire-schedule"];

const ALLOWED = "#!lua flags=allow-oom\n";
const PLAIN = "#!lua\n";

/** Faults in the flag on a script's first line, which decides whether a full Redis refuses the script. */
export const fullRedisMutants: readonly Mutant[] = [
  ...DRAINS.map(
    (file): Mutant => ({
      name: `a full Redis refuses ${file}`,
      guarantee: "G27",
      file,
      find: ALLOWED,
      replace: PLAIN,
      killedBy: "a full Redis can be drained",
    }),
  ),
  ...TAKES_NEW.map(
    (file): Mutant => ({
      name: `a full Redis accepts ${file}`,
      guarantee: "G27",
      file,
      find: PLAIN,
      replace: ALLOWED,
      killedBy: "a full Redis accepts no new work",
    }),
  ),
];
