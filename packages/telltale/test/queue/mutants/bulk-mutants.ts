import type { CheckName } from "./checks.js";
import type { Mutant } from "./mutant.js";

const CANCEL = "a cancel of many changes those that still match, and a repeat changes nothing";
const RERUN = "a rerun of many starts a round of those that still match, once, and wakes workers";
const LARGE = "a rerun of jobs with large outputs answers for the first ones";
const REMOVE = "a removal of many deletes finished jobs that still match";
const DELETE = "a queue is deleted only if it is paused and runs no job, a few jobs per call, with all its keys";
const RUN = "delayed jobs that still match are queued before they are due, and wake workers";

/** Faults in actions on many jobs. */
export const bulkMutants: readonly Mutant[] = [
  fault("jobs that no longer match are cancelled", CANCEL, "lib/bulk", ["if not is_wanted(job, wanted)", "if false"]),
  fault("a damaged job counts as gone", CANCEL, "lib/bulk", ["damage and 'unreadable' or 'gone'", "'gone'"]),
  fault("a repeated cancel does not know what it did", CANCEL, "cancel-many", [
    "job.cancelled_by == request and",
    "false and",
  ]),
  fault("a repeated cancel does not know whom it asked", CANCEL, "cancel-many", [
    "job.cancel_requested then",
    "false then",
  ]),
  fault("a cancel of many does not keep the time", CANCEL, "cancel-many", ["if has_any then", "if false then"]),
  fault("a cancel of many that changes nothing keeps the time", CANCEL, "cancel-many", [
    "if has_any then",
    "if true then",
  ]),
  fault("a cancel of many does not write its counts", CANCEL, "cancel-many", ["finish()\n", ""]),
  fault("jobs that were asked to stop are not left out", CANCEL, "lib/filter", ["wanted.is_unasked and", "false and"]),
  fault("jobs that ended after the beginning are rerun", RERUN, "lib/filter", ["wanted.changed_to and", "false and"]),
  fault("a repeated rerun does not know what it did", RERUN, "rerun-many", ["found.round ~= round and", "false and"]),
  fault("a rerun of many wakes nobody", RERUN, "rerun-many", ["  ring(queued)\n", ""]),
  fault("a rerun that changes nothing wakes workers", RERUN, "rerun-many", [
    "if has_changed then queued",
    "if true then queued",
  ]),
  fault("a rerun of many does not keep the time", RERUN, "rerun-many", ["  keep_clock(now)\n", ""]),
  fault("a rerun of many ignores the limit of jobs", RERUN, "rerun-many", ["round, most_jobs,", "round, '',"]),
  fault("a rerun of many ignores the limit of bytes", RERUN, "rerun-many", [
    "most_bytes, now)\n    if",
    "'', now)\n    if",
  ]),
  fault("a rerun moves outputs of any size in one call", LARGE, "rerun-many", ["bytes > MOST_BYTES", "false"]),
  fault("a removal of many deletes waiting jobs", REMOVE, "remove-many", ["job and not FINISHED[job.status]", "false"]),
  fault("a removal of many deletes nothing", REMOVE, "remove-many", ["    erase(job.id, job.status)\n", ""]),
  fault("a removal does not know that a job is gone", REMOVE, "remove-many", ["word == 'gone'", "false"]),
  fault("jobs that run now wake nobody", RUN, "run-many-now", ["  ring(queued)\n", ""]),
  fault("jobs that run now do not keep the time", RUN, "run-many-now", ["  keep_clock(now)\n", ""]),
  fault("jobs that run now stay scheduled", RUN, "run-many-now", ["finish()\n", ""]),
  fault("ended jobs are run again", RUN, "run-many-now", ["job.status == 'retrying')", "FINISHED[job.status])"]),
  fault("a repeat does not know that the job is queued", RUN, "run-many-now", ["status == 'queued' or", "false or"]),
  fault("a queue that is not paused is deleted", DELETE, "obliterate", [
    "if redis.call('HGET', meta, 'paused') ~= '1' then",
    "if false then",
  ]),
  fault("a queue with running jobs is deleted", DELETE, "obliterate", ["if running > 0 then", "if false then"]),
  fault("a queue is deleted in one call", DELETE, "obliterate", ["  left = left - 1\n", ""]),
  fault("the indexes of a deleted queue are kept", DELETE, "obliterate", [
    "if INDEXED[job.status] then",
    "if false then",
  ]),
  fault("the groups of a deleted queue are kept", DELETE, "obliterate", ["  if group then", "  if false then"]),
  fault("the slots of a deleted queue are kept", DELETE, "obliterate", ["if job.concurrency then", "if false then"]),
  fault("the starts of a deleted queue are kept", DELETE, "obliterate", ["if job.rate then", "if false then"]),
  fault("the jobs of a deleted queue are kept", DELETE, "obliterate", ["  erase_keys(id)\n", ""]),
  fault("waiting jobs of a deleted queue are kept", DELETE, "obliterate", ["  drop_listed(waiting[priority])\n", ""]),
  fault("delayed jobs of a deleted queue are kept", DELETE, "obliterate", [
    "  drop_sorted(scheduled[priority], '^.*$')\n",
    "",
  ]),
  fault("finished jobs of a deleted queue are kept", DELETE, "obliterate", [
    "{ grouped, completed, failed }",
    "{ grouped, completed }",
  ]),
  fault("grouped jobs of a deleted queue are kept", DELETE, "obliterate", [
    "{ grouped, completed, failed }",
    "{ completed, failed }",
  ]),
  fault("suspects of a deleted queue are kept", DELETE, "obliterate", ["drop_sorted(suspects, '\\n(.*)$')\n", ""]),
  fault("jobs of a deleted queue that were set aside are kept", DELETE, "obliterate", [
    "drop_sorted(aside, '^[^\\n]*')\n",
    "",
  ]),
  fault("the caller is not told that there is more", DELETE, "obliterate", ["deleted, 1 }", "deleted, 0 }"]),
  fault("a queue that is half deleted is resumed", DELETE, "obliterate", [
    "redis.call('HSET', meta, 'obliterating', '1')\n",
    "",
  ]),
  fault("the keys of a deleted queue are kept", DELETE, "obliterate", [
    "redis.call('UNLINK', prefix .. ARGV[i])",
    "local _ = i",
  ]),
  fault("a deleted queue forgets its layout", DELETE, "obliterate", ["if layout then", "if false then"]),
  fault("a repeated call finds a queue that is not paused", DELETE, "obliterate", [
    "return is_new and",
    "return false and",
  ]),
];

function fault(
  name: string,
  killedBy: CheckName,
  file: string,
  [find, replace]: readonly [find: string, replace: string],
): Mutant {
  return { name, guarantee: "G6", file, find, replace, killedBy };
}
