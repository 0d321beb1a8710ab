import type { CheckName } from "./checks.js";
import type { Mutant } from "./mutant.js";

const BY_WORDS = "failed and cancelled jobs are found by code and by every tag";
const NEW_ROUND = "a rerun job leaves every index of its earlier round";
const UNFAILED = "a job that never fails is only in its owner's index, from its submit";
const GONE = "retention and removal take a job out of every index, and delete its errors";
const ERRORS = "a job's last ten errors are on record, each with its attempt";
const TIES = "pages of jobs that failed in one millisecond are complete, even if the last job of a page is removed";
const SPAN = "a list respects its time range";
const ASKED = "a list returns exactly the jobs that match its filter";
const PARTS = "a list matches parts of ids, tags and messages, numbers of attempts, and times";
const COUNTED = "failed jobs with a code are counted by kind, from the newest, a few per call";
const LOOKS = "a call reads two hundred entries and returns where to continue";
const RUNNING = "pages of running jobs are ordered by the time of their claim";
const SAME_TIME = "running jobs that were claimed in one millisecond are sorted by the bytes of their ids";
const QUEUED = "pages of queued jobs continue at the right place, even if jobs are queued and claimed";
const ONCE = "a queued job is listed once, even if it has two entries or was released";
const ASKED_FOR = "no script returns more jobs than requested, and only queued ones are returned as waiting";
const STATS =
  "the statistics of a queue contain its counts, whether it is paused, when the next is due and the oldest waiting";

const ALL_RUNNING = "all running jobs are listed, five hundred per call, and those of one millisecond together";
const LIMITED = "a queued job with a limit key is listed, and counted as the oldest, until it leaves its place";
const LOOK_AT_END = "the statistics read only the ends of the lists";

const FLAG = "#!lua flags=no-writes\n";

/** Faults in lists, details and statistics. */
export const listingMutants: readonly Mutant[] = [
  fault("a completed job is indexed", UNFAILED, "lib/index", [
    "cancelled = true }",
    "cancelled = true, completed = true }",
  ]),
  fault("a cancelled job is not indexed", BY_WORDS, "lib/index", ["failed = true, cancelled = true", "failed = true"]),
  fault("a job is not found by its error code", BY_WORDS, "lib/index", [
    "sets[1] = index_key(status, 'code', code)",
    "local _ = code",
  ]),
  fault("a job is found only by its first tag", BY_WORDS, "lib/index", [`'"([^"]+)"'`, `'^%["([^"]+)"'`]),
  fault("an index is not sorted by time", "an index is sorted by the time at which its jobs ended", "lib/index", [
    "'ZADD', set, now, id",
    "'ZADD', set, 0, id",
  ]),
  fault("a rerun job stays in its index", NEW_ROUND, "lib/index", ["mending('ZREM', set, id)", "local _ = set"]),
  fault("an owner's jobs have no time in their index", UNFAILED, "lib/index", [
    "owner_key(owner), created_at, id)",
    "owner_key(owner), 0, id)",
  ]),
  fault("a deleted job stays in its owner's index", GONE, "lib/index", [
    "mending('ZREM', owner_key(owner), id)",
    "local _ = owner",
  ]),
  fault("a job is not indexed", BY_WORDS, "lib/move", ["    index(job.id, to, now)\n", ""]),
  fault("a rerun job stays in the indexes of failed jobs", NEW_ROUND, "lib/move", [
    "    unindex(job.id, job.status)\n",
    "",
  ]),
  fault("a deleted job stays in its indexes", GONE, "lib/move", ["  unindex(id, status)\n", ""]),
  fault("deleting a job does not look for its owner", GONE, "lib/move", ["  disown(id)\n", ""]),
  fault("the errors of a deleted job are kept", GONE, "lib/move", ["'DEL', errors_key(id), ", "'DEL', "]),
  fault("a job is not found by its owner", UNFAILED, "lib/store", ["own(spec.id, spec.owner, now)", "local _ = spec"]),
  fault("a failure has no code", BY_WORDS, "fail", ["'error_code', code }", "'cancelled_by', '' }"]),
  fault("the error of a failure is not recorded", ERRORS, "fail", ["    note_error(job, now, err)\n", ""]),
  fault("a job whose worker was lost has no error code", BY_WORDS, "reclaim", [", 'error_code', code }", " }"]),
  fault("the error of a lost worker is not recorded", ERRORS, "reclaim", ["    note_error(job, now, err)\n", ""]),
  fault("a new round keeps the error code of the previous one", NEW_ROUND, "lib/rerun", [
    "redis.call('HDEL', job_key(id), 'error_code')",
    "local _ = seq",
  ]),
  fault("the number of recorded errors is not limited", ERRORS, "lib/errors", [
    "redis.call('LTRIM', errors, -ERRORS_KEPT, -1)",
    "local _ = ERRORS_KEPT",
  ]),
  fault("one error too few is kept", ERRORS, "lib/errors", ["ERRORS_KEPT = 10", "ERRORS_KEPT = 9"]),
  fault("the detail has only one error", ERRORS, "detail", ["errors_key(id), 0, -1)", "errors_key(id), 0, 0)"]),
  fault("the detail does not contain when a job is due", ERRORS, "detail", [
    "delayed and redis.call('ZSCORE', delayed, id) or ''",
    "''",
  ]),
  fault("the detail of an unknown job is returned", ERRORS, "detail", [
    "if not job then return { 'not_found' } end",
    "job = job or {}",
  ]),

  fault("jobs of another status are listed", PARTS, "lib/filter", ["wanted.statuses and not", "false and not"]),
  fault("jobs of another kind are listed", ASKED, "lib/filter", ["wanted.kind and", "false and"]),
  fault("jobs of another owner are listed", ASKED, "lib/filter", ["wanted.owner and", "false and"]),
  fault("jobs with another error are listed", ASKED, "lib/filter", ["wanted.code and not", "false and not"]),
  fault("jobs with another tag are listed", ASKED, "lib/filter", ["wanted.tag and not", "false and not"]),
  fault("a tag is compared with the start of tags", PARTS, "lib/filter", [
    "'\"' .. wanted.tag .. '\"'",
    "'\"' .. wanted.tag",
  ]),
  fault("jobs whose tags do not begin like this are listed", PARTS, "lib/filter", [
    "wanted.tag_prefix and not",
    "false and not",
  ]),
  fault("a tag is searched in the middle of tags", PARTS, "lib/filter", [
    "'\"' .. wanted.tag_prefix",
    "wanted.tag_prefix",
  ]),
  fault("jobs whose id does not begin like this are listed", PARTS, "lib/filter", [
    "wanted.id_prefix and string",
    "false and string",
  ]),
  fault("jobs with fewer attempts are listed", PARTS, "lib/filter", ["wanted.min_attempts and", "false and"]),
  fault("a job with exactly as many attempts is not listed", PARTS, "lib/filter", [
    "< wanted.min_attempts",
    "<= wanted.min_attempts",
  ]),
  fault("jobs of any submit time are listed", PARTS, "lib/filter", [
    "if not is_between(tonumber(job.created_at)",
    "if false and not is_between(tonumber(job.created_at)",
  ]),
  fault("jobs that ended at any time are listed", PARTS, "lib/filter", [
    "if not is_between(tonumber(job.at)",
    "if false and not is_between(tonumber(job.at)",
  ]),
  fault("jobs that did not end are listed by the time of their end", PARTS, "lib/filter", [
    "if not FINISHED[job.status] then",
    "if false then",
  ]),
  fault("the earliest time is not included", PARTS, "lib/filter", ["time >= from", "time > from"]),
  fault("the latest time is not included", PARTS, "lib/filter", ["time <= to", "time < to"]),
  fault("jobs with any error message are listed", PARTS, "lib/filter", [
    "return not wanted.error_text or",
    "return true or",
  ]),
  fault("messages are searched for a pattern", PARTS, "lib/filter", [
    "lower(shown), text, 1, true)",
    "lower(shown), text, 1, false)",
  ]),
  fault("the text is searched in the message that owners see", PARTS, "lib/filter", [
    "type(err.detail) == 'string' and err.detail",
    "false and err.detail",
  ]),
  fault("the text must have the same case", PARTS, "lib/filter", [
    "= string.lower(wanted.error_text)",
    "= wanted.error_text",
  ]),
  fault("a completed job is found by an earlier error", ASKED, "lib/filter", [
    "WITH_ERROR[job.status] and job.error_code",
    "job.error_code",
  ]),
  fault("a completed job is found by an earlier message", PARTS, "lib/filter", [
    "WITH_ERROR[job.status] and redis.call",
    "redis.call",
  ]),
  fault("a call searches errors of any size", "a call that searches errors stops after 256 KB of them", "lib/filter", [
    "error_bytes_left - #stored",
    "error_bytes_left",
  ]),
  fault("a completed job is listed with an earlier error", ASKED, "lib/listing", [
    "WITH_ERROR[job.status] and redis.call",
    "redis.call",
  ]),
  fault("a call reads too many entries", LOOKS, "lib/listing", ["MOST_CHECKED = 200", "MOST_CHECKED = 2000"]),
  fault("a page starts with the last job of the previous one", TIES, "lib/listing", ["return #a < #b", "return true"]),
  fault("ids are compared the wrong way", TIES, "lib/listing", ["return x < y", "return x > y"]),

  fault("a page is longer than requested", ASKED_FOR, "list-sorted", ["and #jobs < limit and error", "and error"]),
  fault("a page skips one job", TIES, "list-sorted", ["  return low\n", "  return low + 1\n"]),
  fault("jobs of one millisecond are skipped", TIES, "list-sorted", ["high = middle\n", "high = low\n"]),
  fault("a list starts too late", SPAN, "list-sorted", ["'(' .. highest, '+inf'", "highest, '+inf'"]),
  fault("a list ends too early", SPAN, "list-sorted", ["set, lowest, '+inf'", "set, '(' .. lowest, '+inf'"]),
  fault("a cursor can leave the time range of its list", SPAN, "list-sorted", [
    "math.max(first, rank_behind())",
    "rank_behind()",
  ]),
  fault("a list ends with its first page", TIES, "list-sorted", ["first + checked < behind and 1 or 0", "0"]),

  fault("a page of running jobs is longer than requested", ASKED_FOR, "list-running", [
    "math.min(limit, #found)",
    "#found",
  ]),
  fault("running jobs are not sorted", RUNNING, "list-running", ["table.sort(found, is_newer)", "local _ = is_newer"]),
  fault("running jobs of two kinds are in the wrong order", SAME_TIME, "list-running", [
    "is_below(b.id, a.id)",
    "is_below(a.id, b.id)",
  ]),
  ...["high", "middle", "low"].map((part) =>
    fault(
      `running jobs of one millisecond are sorted the wrong way by their ${part} digits`,
      SAME_TIME,
      "list-running",
      [`a.${part} > b.${part}`, `a.${part} < b.${part}`],
    ),
  ),
  fault("a list of running jobs never ends", RUNNING, "list-running", ["not from or is_newer(from, job)", "true"]),
  fault("a list of running jobs ends with its first page", RUNNING, "list-running", ["#found > limit and 1 or 0", "0"]),
  fault("running jobs claimed too early are listed", SPAN, "list-running", ["job.at >= earliest", "true"]),
  fault("running jobs claimed too late are listed", SPAN, "list-running", ["job.at <= latest", "true"]),
  fault("one call reads all running jobs", ALL_RUNNING, "list-running", ["MOST = 500", "MOST = 1000"]),
  fault("running jobs whose leases expire together are skipped", ALL_RUNNING, "list-running", [
    "last ~= '' and redis.call('ZRANGE', leases, last, last, 'BYSCORE') or {}",
    "{}",
  ]),
  fault("a list of running jobs ends after its first call", ALL_RUNNING, "list-running", [
    "#some == 2 * MOST and some[#some] or ''",
    "''",
  ]),
  fault("a list of running jobs repeats its first call", ALL_RUNNING, "list-running", [
    "expiry ~= '' and '(' .. expiry or '-inf'",
    "'-inf'",
  ]),

  fault("queued jobs with a limit key are not listed", LIMITED, "lib/move", [
    "      redis.call('ZADD', grouped, now, job.id)\n",
    "",
  ]),
  fault("a lost job with a limit key stays listed as queued", LIMITED, "claim", [
    "redis.call('ZREM', grouped, id)",
    "",
  ]),
  fault("queued jobs with a limit key are never the oldest", LIMITED, "stats", [
    "look_at(redis.call('ZRANGE', grouped, 0, MOST_QUEUED - 1))",
    "",
  ]),

  fault("a page of queued jobs starts with the last job of the previous one", QUEUED, "list-waiting", [
    "first = index_from + i\n",
    "first = index_from + i - 1\n",
  ]),
  fault("a list of queued jobs continues at its index without comparing the id", QUEUED, "list-waiting", [
    "if other == id then",
    "if true then",
  ]),
  fault(
    "a list of queued jobs starts again if the job at which it should continue was claimed",
    QUEUED,
    "list-waiting",
    ["  first = nil\n", "  first = #ids < 9 and 0 or nil\n"],
  ),
  fault(
    "a list of queued jobs stops searching too early",
    "a call skips a thousand newer jobs to find a page of queued jobs",
    "list-waiting",
    ["#ids == MOST_SEARCHED and 1 or 0", "0"],
  ),
  fault(
    "a call searches too many queued jobs",
    "a call skips a thousand newer jobs to find a page of queued jobs",
    "list-waiting",
    ["MOST_SEARCHED = 1000", "MOST_SEARCHED = 2000"],
  ),
  fault("a list of queued jobs ends with its first page", QUEUED, "list-waiting", [
    "redis.call('LLEN', list) > last + 1 and 1 or 0",
    "0",
  ]),
  fault("a job that was cancelled while it waited is listed as queued", ASKED_FOR, "list-waiting", [
    "job.status == 'queued' and not",
    "not",
  ]),
  fault("a job with two entries is listed twice", ONCE, "list-waiting", ["and not is_stale(job)", ""]),
  fault("a released job is not listed", ONCE, "list-waiting", [
    "(job.settled or '', ':release:",
    "(job.settled or '', ':no:",
  ]),
  fault("a page of queued jobs is longer than requested", ASKED_FOR, "list-waiting", ["and #jobs < limit do", "do"]),
  fault("jobs queued too early are listed", SPAN, "list-waiting", ["job.at >= earliest", "true"]),
  fault("jobs queued too late are listed", SPAN, "list-waiting", ["job.at <= latest", "true"]),

  fault("a paused queue is reported as not paused", STATS, "stats", ["is_paused and 1 or 0", "0"]),
  fault("the statistics do not contain when the next job is due", STATS, "stats", ["next_due, oldest", "'', oldest"]),
  fault("a cancelled job counts as the oldest waiting job", LOOK_AT_END, "stats", [
    "if job and job.status == 'queued' then",
    "if job then",
  ]),
  fault("the job with the latest time counts as the oldest", STATS, "stats", [
    "tonumber(job.at) < tonumber(oldest)",
    "tonumber(job.at) > tonumber(oldest)",
  ]),
  fault("the last job of a list counts as the oldest", STATS, "stats", [
    "for i = #ids, 1, -1 do",
    "for i = 1, #ids do",
  ]),
  fault("the statistics read too many entries", LOOK_AT_END, "stats", [
    "MOST_QUEUED, MOST_READ = 10, 200",
    "MOST_QUEUED, MOST_READ = 10, 1000",
  ]),

  fault("a text with quotes is not found", PARTS, "lib/filter", ["if not string.find(text, '[\"\\\\%c]') and", "if"]),
  fault("failures are counted from the oldest", COUNTED, "failures", ["limit - 1, 'REV',", "limit - 1,"]),
  fault("the kind of a failure ends at its first underscore", COUNTED, "failures", ["'^(.+)_%x+$'", "'^(.-)_'"]),
  fault("the first failure is the last one", COUNTED, "failures", ["group[2] + 1, at", "group[2] + 1, group[3]"]),
  fault("the caller is not told of more failures", COUNTED, "failures", ["and 1 or 0", "and 0 or 0"]),

  ...["list-sorted", "list-running", "list-waiting", "detail", "stats", "failures"].map((file) =>
    fault(`a full Redis refuses ${file}`, "a full Redis can still be read", file, [FLAG, "#!lua\n"]),
  ),
];

function fault(name: string, killedBy: CheckName, file: string, [find, replace]: readonly [string, string]): Mutant {
  return { name, guarantee: "G25", file, find, replace, killedBy };
}
