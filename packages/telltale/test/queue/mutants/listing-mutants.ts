import type { CheckName } from "./checks.js";
import type { Mutant } from "./mutant.js";

const BY_WORDS = "failed and cancelled jobs are found by code and by every tag";
const NEW_ROUND = "a new round leaves every index behind, and what it was found by";
const UNFAILED = "a job that never fails is in no index, and in its owner's from its submit on";
const GONE = "retention and removal take a job out of every index, and its errors with it";
const ERRORS = "a job's last ten errors are on record, each of its attempt";
const TIES = "pages of one millisecond's jobs are whole, also where a page's last job is gone";
const SPAN = "a list keeps to its bounds in time";
const ASKED = "what is asked for is what is listed";
const LOOKS = "a call looks at two hundred entries and says where to go on";
const RUNNING = "pages of running jobs keep to when they were claimed";
const SAME_TIME = "running jobs claimed in one millisecond are sorted by their ids, byte by byte";
const QUEUED = "pages of queued jobs go on where they were, whatever is queued and taken";
const ONCE = "a queued job is listed once, also where it stands twice, and where it was given back";
const ASKED_FOR = "no script answers more jobs than it was asked for, nor any but queued ones as waiting";
const STATS = "a queue tells its counts, whether it is paused, what is due and what waits longest";

const ALL_RUNNING = "running jobs are all listed, five hundred a call and those of one millisecond in one";
const LIMITED = "a queued job with a limit key is listed and counted as the oldest until it leaves its place";
const LOOK_AT_END = "how a queue is doing is told after a look at the end of its lists";

const FLAG = "#!lua flags=no-writes\n";

/** Faults in finding jobs again, and in what is told of them. */
export const listingMutants: readonly Mutant[] = [
  fault("a job that ended well is indexed", UNFAILED, "lib/index", [
    "cancelled = true }",
    "cancelled = true, completed = true }",
  ]),
  fault("a cancelled job is not indexed", BY_WORDS, "lib/index", ["failed = true, cancelled = true", "failed = true"]),
  fault("a job is not found by its error's code", BY_WORDS, "lib/index", [
    "sets[1] = index_key(status, 'code', code)",
    "local _ = code",
  ]),
  fault("a job is found by its first tag alone", BY_WORDS, "lib/index", [`'"([^"]+)"'`, `'^%["([^"]+)"'`]),
  fault("an index is not sorted by time", "an index is sorted by when its jobs ended", "lib/index", [
    "'ZADD', set, now, id",
    "'ZADD', set, 0, id",
  ]),
  fault("an index keeps what left it", NEW_ROUND, "lib/index", ["mending('ZREM', set, id)", "local _ = set"]),
  fault("an owner's jobs have no time", UNFAILED, "lib/index", [
    "owner_key(owner), created_at, id)",
    "owner_key(owner), 0, id)",
  ]),
  fault("an owner keeps what is gone", GONE, "lib/index", ["mending('ZREM', owner_key(owner), id)", "local _ = owner"]),
  fault("a job is not indexed", BY_WORDS, "lib/move", ["    index(job.id, to, now)\n", ""]),
  fault("a new round stays among the failed", NEW_ROUND, "lib/move", ["    unindex(job.id, job.status)\n", ""]),
  fault("an index keeps what is deleted", GONE, "lib/move", ["  unindex(id, status)\n", ""]),
  fault("an owner keeps what is deleted", GONE, "lib/move", ["  disown(id)\n", ""]),
  fault("what went wrong outlives its job", GONE, "lib/move", ["'DEL', errors_key(id), ", "'DEL', "]),
  fault("a job is not found by its owner", UNFAILED, "lib/store", ["own(spec.id, spec.owner, now)", "local _ = spec"]),
  fault("a failure has no code", BY_WORDS, "fail", ["'error_code', code, ", ""]),
  fault("a failure is not noted", ERRORS, "fail", ["    note_error(job, now, err)\n", ""]),
  fault("a lost worker's job has no code", BY_WORDS, "reclaim", [", 'error_code', code }", " }"]),
  fault("a lost worker is not noted", ERRORS, "reclaim", ["    note_error(job, now, err)\n", ""]),
  fault("a new round keeps the code of the last", NEW_ROUND, "rerun", [
    "redis.call('HDEL', job_key(id), 'error_code')",
    "local _ = seq",
  ]),
  fault("what went wrong is kept without end", ERRORS, "lib/errors", [
    "redis.call('LTRIM', errors, -ERRORS_KEPT, -1)",
    "local _ = ERRORS_KEPT",
  ]),
  fault("one error less is kept", ERRORS, "lib/errors", ["ERRORS_KEPT = 10", "ERRORS_KEPT = 9"]),
  fault("a detail has one error", ERRORS, "detail", ["errors_key(id), 0, -1)", "errors_key(id), 0, 0)"]),
  fault("a detail does not tell when a job is due", ERRORS, "detail", [
    "delayed and redis.call('ZSCORE', delayed, id) or ''",
    "''",
  ]),
  fault("a detail is told of a job that is not there", ERRORS, "detail", [
    "if not is_readable(values) then return { 'not_found' } end",
    "if not values[1] then return { 'job', values, '', {}, {} } end",
  ]),

  fault("jobs of another status are listed", ASKED, "lib/listing", ["{ 'status', 'kind'", "{ 'kind'"]),
  fault("jobs of another kind are listed", ASKED, "lib/listing", [
    "{ 'status', 'kind', 'owner'",
    "{ 'status', 'owner'",
  ]),
  fault("jobs of another owner are listed", ASKED, "lib/listing", ["'kind', 'owner', 'code' }", "'kind', 'code' }"]),
  fault("jobs with another error are listed", ASKED, "lib/listing", ["'owner', 'code' }", "'owner' }"]),
  fault("jobs with another tag are listed", ASKED, "lib/listing", ["return wanted.tag == '' or ", "return true or "]),
  fault("a job is found by an error it has got over", ASKED, "lib/listing", [
    "WITH_ERROR[status] and code or ''",
    "code or ''",
  ]),
  fault("a job is listed with an error it has got over", ASKED, "lib/listing", [
    "WITH_ERROR[job.status] and redis.call",
    "redis.call",
  ]),
  fault("a call looks at more than it should", LOOKS, "lib/listing", ["MOST_CHECKED = 200", "MOST_CHECKED = 2000"]),
  fault("a page begins with the last one's end", TIES, "lib/listing", ["return #a < #b", "return true"]),
  fault("ids are compared the wrong way", TIES, "lib/listing", ["return x < y", "return x > y"]),

  fault("a page is longer than asked", ASKED_FOR, "list-sorted", ["and #jobs < limit do", "do"]),
  fault("a page skips one", TIES, "list-sorted", ["  return low\n", "  return low + 1\n"]),
  fault("a millisecond's jobs are skipped", TIES, "list-sorted", ["high = middle\n", "high = low\n"]),
  fault("a list begins too late", SPAN, "list-sorted", ["'(' .. highest, '+inf'", "highest, '+inf'"]),
  fault("a list ends too early", SPAN, "list-sorted", ["set, lowest, '+inf'", "set, '(' .. lowest, '+inf'"]),
  fault("a cursor reaches over a list's bounds", SPAN, "list-sorted", [
    "math.max(first, rank_behind())",
    "rank_behind()",
  ]),
  fault("a list ends with its first page", TIES, "list-sorted", ["first + checked < behind and 1 or 0", "0"]),

  fault("a page of running jobs is longer than asked", ASKED_FOR, "list-running", [
    "math.min(limit, #found)",
    "#found",
  ]),
  fault("running jobs are in no order", RUNNING, "list-running", ["table.sort(found, is_newer)", "local _ = is_newer"]),
  fault("running jobs of two kinds are the wrong way round", SAME_TIME, "list-running", [
    "is_below(b.id, a.id)",
    "is_below(a.id, b.id)",
  ]),
  ...["high", "middle", "low"].map((part) =>
    fault(`running jobs of one millisecond are sorted by all but their ${part} digits`, SAME_TIME, "list-running", [
      `a.${part} > b.${part}`,
      `a.${part} < b.${part}`,
    ]),
  ),
  fault("a list of running jobs never ends", RUNNING, "list-running", ["not from or is_newer(from, job)", "true"]),
  fault("a list of running jobs ends with its first page", RUNNING, "list-running", ["#found > limit and 1 or 0", "0"]),
  fault("running jobs claimed too early are listed", SPAN, "list-running", ["job.at >= earliest", "true"]),
  fault("running jobs claimed too late are listed", SPAN, "list-running", ["job.at <= latest", "true"]),
  fault("all running jobs are looked at in one call", ALL_RUNNING, "list-running", ["MOST = 500", "MOST = 1000"]),
  fault("running jobs whose leases expire together are skipped", ALL_RUNNING, "list-running", [
    "last ~= '' and redis.call('ZRANGE', leases, last, last, 'BYSCORE') or {}",
    "{}",
  ]),
  fault("a list of running jobs goes no further than its first call", ALL_RUNNING, "list-running", [
    "#some == 2 * MOST and some[#some] or ''",
    "''",
  ]),
  fault("a list of running jobs never gets further", ALL_RUNNING, "list-running", [
    "expiry ~= '' and '(' .. expiry or '-inf'",
    "'-inf'",
  ]),

  fault("jobs that wait for a limit key are in no list", LIMITED, "lib/move", [
    "      redis.call('ZADD', grouped, now, job.id)\n",
    "",
  ]),
  fault("a lost job with a limit key is queued for ever", LIMITED, "claim", ["redis.call('ZREM', grouped, id)", ""]),
  fault("jobs that wait for a limit key never wait longest", LIMITED, "stats", [
    "look_at(redis.call('ZRANGE', grouped, 0, MOST_QUEUED - 1))",
    "",
  ]),

  fault("a page of queued jobs begins with the last one's end", QUEUED, "list-waiting", [
    "first = index_from + i\n",
    "first = index_from + i - 1\n",
  ]),
  fault("a list of queued jobs goes by its index alone", QUEUED, "list-waiting", [
    "if other == id then",
    "if true then",
  ]),
  fault("a list of queued jobs begins again where it was handed out", QUEUED, "list-waiting", [
    "  first = nil\n",
    "  first = #ids < 9 and 0 or nil\n",
  ]),
  fault(
    "a list of queued jobs gives up",
    "a page of queued jobs is sought over a thousand newer ones a call",
    "list-waiting",
    ["#ids == MOST_SEARCHED and 1 or 0", "0"],
  ),
  fault(
    "a list of queued jobs is sought without end",
    "a page of queued jobs is sought over a thousand newer ones a call",
    "list-waiting",
    ["MOST_SEARCHED = 1000", "MOST_SEARCHED = 2000"],
  ),
  fault("a list of queued jobs ends with its first page", QUEUED, "list-waiting", [
    "redis.call('LLEN', list) > last + 1 and 1 or 0",
    "0",
  ]),
  fault("what was cancelled while it waited is listed as queued", ASKED_FOR, "list-waiting", [
    "job.status == 'queued' and not",
    "not",
  ]),
  fault("a job that stands in line twice is listed twice", ONCE, "list-waiting", ["and not is_stale(job)", ""]),
  fault("a job given back is not listed", ONCE, "list-waiting", [
    "(settled or '', ':release:",
    "(settled or '', ':no:",
  ]),
  fault("a page of queued jobs is longer than asked", ASKED_FOR, "list-waiting", ["and #jobs < limit do", "do"]),
  fault("jobs queued too early are listed", SPAN, "list-waiting", ["job.at >= earliest", "true"]),
  fault("jobs queued too late are listed", SPAN, "list-waiting", ["job.at <= latest", "true"]),

  fault("a paused queue is told as going", STATS, "stats", ["redis.call('HEXISTS', meta, 'paused')", "0"]),
  fault("a queue does not tell what is due", STATS, "stats", ["next_due, oldest", "'', oldest"]),
  fault("what was cancelled counts as waiting", LOOK_AT_END, "stats", [
    "if status == 'queued' and is_number(at)",
    "if is_number(at)",
  ]),
  fault("what waits shortest counts as the oldest", STATS, "stats", [
    "tonumber(at) < tonumber(oldest)",
    "tonumber(at) > tonumber(oldest)",
  ]),
  fault("the newest in line counts as the oldest", STATS, "stats", ["for i = #ids, 1, -1 do", "for i = 1, #ids do"]),
  fault("the whole line is looked at", LOOK_AT_END, "stats", [
    "MOST_QUEUED, MOST_READ = 10, 200",
    "MOST_QUEUED, MOST_READ = 10, 1000",
  ]),

  ...["list-sorted", "list-running", "list-waiting", "detail", "stats"].map((file) =>
    fault(`a full Redis refuses ${file}`, "a full Redis can still be looked at", file, [FLAG, "#!lua\n"]),
  ),
];

function fault(name: string, killedBy: CheckName, file: string, [find, replace]: readonly [string, string]): Mutant {
  return { name, guarantee: "G25", file, find, replace, killedBy };
}
