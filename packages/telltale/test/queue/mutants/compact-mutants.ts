import type { Mutant } from "./mutant.js";

const KEEPS = "removing ids of cancelled jobs keeps the others in their order, once each, and pages of them";

/** Faults in removing the ids of cancelled jobs from the lists in which they waited. */
export const compactMutants: readonly Mutant[] = [
  ...(
    [
      ["jobs that wait are dropped from their list", "return status == 'queued'", "return false"],
      ["ids of cancelled jobs are kept", "return status == 'queued'", "return true"],
      ["a list is reversed when it is copied", "'LPUSH', compacted", "'RPUSH', compacted"],
      ["a rerun job stays in its list twice", "not is_copied[id] and", ""],
      [
        "the copy of a list is kept beside it",
        "redis.call('RENAME', compacted, list)",
        "redis.call('COPY', compacted, list)",
      ],
      [
        "the lists are copied again and again",
        "redis.call('HDEL', meta, 'compacting')\n  return { 'compacted', removed",
        "return { 'compacted', removed",
      ],
      ["pages of waiting jobs do not learn what was removed", "or 0) + removed", "or 0)"],
    ] as const
  ).map(
    ([name, find, replace]): Mutant => ({ name, guarantee: "G25", file: "compact", find, replace, killedBy: KEEPS }),
  ),
  {
    name: "a page of waiting jobs skips some after others were removed",
    guarantee: "G7",
    file: "list-waiting",
    find: "tonumber(ARGV[5]) - removed",
    replace: "tonumber(ARGV[5])",
    killedBy: KEEPS,
  },
  {
    name: "a list from which a job was taken is replaced by its copy",
    guarantee: "G7",
    file: "claim",
    find: "      end_compacting(found[1])\n",
    replace: "",
    killedBy: "a job that was taken from a list while it was copied is not in it afterwards, and no other is missing",
  },
  {
    name: "a job that was given back while its list was copied is lost",
    guarantee: "G1",
    file: "lib/move",
    find: "redis.call('HDEL', meta, 'compacting')",
    replace: "",
    killedBy: "a job that was given back to a list while it was copied is not lost",
  },
  {
    name: "the group of a cancelled job keeps its turn",
    guarantee: "G25",
    file: "lib/cancel",
    find: "if group then drop_grouped(group, job) end",
    replace: "",
    killedBy: "model of limits",
  },
  {
    name: "the group of an expired job keeps its turn",
    guarantee: "G25",
    file: "expire",
    find: "if group then drop_grouped(group, job) end",
    replace: "",
    killedBy: "model of limits",
  },
  {
    name: "the group of a cancelled job stays parked",
    guarantee: "G25",
    file: "lib/limits",
    find: "  redis.call('ZREM', parked, group)\n  mending",
    replace: "  mending",
    killedBy: "model of limits",
  },
  {
    name: "the turn of a cancelled job is lost for the others with its key",
    guarantee: "G31",
    file: "lib/limits",
    find: "if had_turn then wake(slot_of(group)) end",
    replace: "",
    killedBy: "cancelling the job that got the turn of a freed key gives the turn to the next one",
  },
];
