// Generated from the .lua files in this folder by `npm run generate`. Do not edit.

import type { LuaScript, SharedLua } from "./compose-lua.js";

/** The shared statements. Each uses only names that earlier ones define. */
export const SHARED: readonly SharedLua[] = [
  // lib/keys.lua
  {
    defines: ["meta"],
    uses: [],
    text: `local meta = KEYS[1]`,
  },
  {
    defines: ["prefix"],
    uses: ["meta"],
    text: `local prefix = string.sub(meta, 1, -#'meta' - 1)`,
  },
  {
    defines: ["bell"],
    uses: ["prefix"],
    text: `local bell = prefix .. 'bell'`,
  },
  {
    defines: ["leases"],
    uses: ["prefix"],
    text: `local leases = prefix .. 'leases'`,
  },
  {
    defines: ["completed"],
    uses: ["prefix"],
    text: `local completed = prefix .. 'completed'`,
  },
  {
    defines: ["failed"],
    uses: ["prefix"],
    text: `local failed = prefix .. 'failed'`,
  },
  {
    defines: ["unique"],
    uses: ["prefix"],
    text: `local unique = prefix .. 'unique'`,
  },
  {
    defines: ["PRIORITIES"],
    uses: [],
    text: `local PRIORITIES = { 'urgent', 'high', 'normal', 'low' }`,
  },
  {
    defines: ["IS_PRIORITY"],
    uses: [],
    text: `local IS_PRIORITY = { urgent = true, high = true, normal = true, low = true }`,
  },
  {
    defines: ["keys_by_priority"],
    uses: ["prefix", "IS_PRIORITY"],
    text: `local function keys_by_priority(word)
return setmetatable({}, { __index = function(keys, priority)
if not IS_PRIORITY[priority] then return nil end
local key = prefix .. word .. priority
keys[priority] = key
return key
end })
end`,
  },
  {
    defines: ["waiting"],
    uses: ["keys_by_priority"],
    text: `local waiting = keys_by_priority('waiting:')`,
  },
  {
    defines: ["turns"],
    uses: ["keys_by_priority"],
    text: `local turns = keys_by_priority('turns:')`,
  },
  {
    defines: ["scheduled"],
    uses: ["keys_by_priority"],
    text: `local scheduled = keys_by_priority('scheduled:')`,
  },
  {
    defines: ["parked"],
    uses: ["prefix"],
    text: `local parked = prefix .. 'parked'`,
  },
  {
    defines: ["expiring"],
    uses: ["prefix"],
    text: `local expiring = prefix .. 'expiring'`,
  },
  {
    defines: ["schedules"],
    uses: ["prefix"],
    text: `local schedules = prefix .. 'schedules'`,
  },
  {
    defines: ["instants"],
    uses: ["prefix"],
    text: `local instants = prefix .. 'instants'`,
  },
  {
    defines: ["suspects"],
    uses: ["prefix"],
    text: `local suspects = prefix .. 'suspects'`,
  },
  {
    defines: ["aside"],
    uses: ["prefix"],
    text: `local aside = prefix .. 'aside'`,
  },
  {
    defines: ["grouped"],
    uses: ["prefix"],
    text: `local grouped = prefix .. 'grouped'`,
  },
  {
    defines: ["outstanding"],
    uses: ["prefix"],
    text: `local outstanding = prefix .. 'outstanding'`,
  },
  {
    defines: ["compacted"],
    uses: ["prefix"],
    text: `local compacted = prefix .. 'compacted'`,
  },
  {
    defines: ["job_key"],
    uses: ["prefix"],
    text: `local function job_key(id) return prefix .. 'job:' .. id end`,
  },
  {
    defines: ["feed_key"],
    uses: ["prefix"],
    text: `local function feed_key(id) return prefix .. 'feed:' .. id end`,
  },
  {
    defines: ["chunks_key"],
    uses: ["prefix"],
    text: `local function chunks_key(id) return prefix .. 'chunks:' .. id end`,
  },
  {
    defines: ["logs_key"],
    uses: ["prefix"],
    text: `local function logs_key(id) return prefix .. 'logs:' .. id end`,
  },
  {
    defines: ["errors_key"],
    uses: ["prefix"],
    text: `local function errors_key(id) return prefix .. 'errors:' .. id end`,
  },
  {
    defines: ["owner_key"],
    uses: ["prefix"],
    text: `local function owner_key(owner) return prefix .. 'owner:' .. owner end`,
  },
  {
    defines: ["index_key"],
    uses: ["prefix"],
    text: `local function index_key(status, by, word) return prefix .. status .. ':' .. by .. ':' .. word end`,
  },
  {
    defines: ["idempotency_key"],
    uses: ["prefix"],
    text: `local function idempotency_key(scope) return prefix .. 'idem:' .. scope end`,
  },
  {
    defines: ["group_key"],
    uses: ["prefix"],
    text: `local function group_key(group, priority) return prefix .. 'group:' .. priority .. ':' .. group end`,
  },
  {
    defines: ["slots_key"],
    uses: ["prefix"],
    text: `local function slots_key(key) return prefix .. 'slots:' .. key end`,
  },
  {
    defines: ["blocked_key"],
    uses: ["prefix"],
    text: `local function blocked_key(key) return prefix .. 'blocked:' .. key end`,
  },
  {
    defines: ["starts_key"],
    uses: ["prefix"],
    text: `local function starts_key(key) return prefix .. 'starts:' .. key end`,
  },
  // lib/numbers.lua
  {
    defines: ["texts"],
    uses: [],
    text: `local texts = {}`,
  },
  {
    defines: ["text_of"],
    uses: ["texts"],
    text: `local function text_of(n)
local text = texts[n]
if not text then
text = string.format('%d', n)
texts[n] = text
end
return text
end`,
  },
  {
    defines: ["is_number"],
    uses: [],
    text: `local function is_number(text) return string.match(text or '', '^%d+$') ~= nil and #text <= 15 end`,
  },
  // lib/mend.lua
  {
    defines: ["mending"],
    uses: [],
    text: `local function mending(command, key, ...)
local reply = redis.pcall(command, key, ...)
if type(reply) ~= 'table' or not reply.err then return reply end
if not string.find(reply.err, 'WRONGTYPE', 1, true) then error(reply) end
redis.call('DEL', key)
return redis.call(command, key, ...)
end`,
  },
  // lib/clock.lua
  {
    defines: ["kept_clock"],
    uses: [],
    text: `local kept_clock = 0`,
  },
  {
    defines: ["is_full", "is_paused"],
    uses: [],
    text: `local is_full, is_paused = false, false`,
  },
  {
    defines: ["open_minute"],
    uses: [],
    text: `local open_minute`,
  },
  {
    defines: ["read_clock"],
    uses: ["meta", "kept_clock", "is_full", "is_paused", "open_minute"],
    text: `local function read_clock(given, ...)
local now = tonumber(given)
if not now then
local time = redis.call('TIME')
now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local stored = redis.call('HMGET', meta, 'clock', 'full', 'paused', 'minute', ...)
kept_clock, is_full, is_paused, open_minute = tonumber(stored[1]) or 0, stored[2], stored[3], tonumber(stored[4])
if now < kept_clock and kept_clock - now <= 60000 then now = kept_clock end
return now, unpack(stored, 5)
end`,
  },
  {
    defines: ["keep_clock"],
    uses: ["meta", "text_of", "kept_clock"],
    text: `local function keep_clock(now, ...)
if now < kept_clock then redis.call('HINCRBY', meta, 'clock_steps', 1) end
if now ~= kept_clock then
redis.call('HSET', meta, 'clock', text_of(now), ...)
elseif ... then
redis.call('HSET', meta, ...)
end
end`,
  },
  // lib/history.lua
  {
    defines: ["tallies", "tallied_at"],
    uses: [],
    text: `local tallies, tallied_at = {}, nil`,
  },
  {
    defines: ["tally"],
    uses: ["tallies", "tallied_at"],
    text: `local function tally(job, to, now, how)
local from, code = job.status, 99
if to == 'running' or from == 'running' and not how.is_lost and not how.is_untimed then
local ms = now - job.at
code = 0
if ms >= 1 then
local part, exponent = math.frexp(ms)
code = 2 * exponent - (part < 0.75 and 1 or 0)
if code > 54 then code = 54 end
end
end
if to == 'completed' then
code = code + 100
elseif to == 'failed' then
code = code + 200
elseif to == 'retrying' then
code = code + 300
elseif to == 'cancelled' then
code = code + 400
elseif to ~= 'running' then
if from and from ~= 'completed' and from ~= 'failed' and from ~= 'cancelled' then return end
code = 599
end
tallied_at = now
local counted = tallies[job.kind]
if counted then
counted[code] = (counted[code] or 0) + 1
else
counted = { [code] = 1 }
tallies[job.kind] = counted
end
if how.is_lost then counted[699] = (counted[699] or 0) + 1 end
end`,
  },
  {
    defines: ["write_history"],
    uses: ["meta", "prefix", "mending", "open_minute", "tallies", "tallied_at", "counts"],
    text: `local function write_history()
if not tallied_at then return end
local history, now = prefix .. 'history', tallied_at
local MOST_COUNTS, MOST_KINDS, OTHERS = 500, 32, '*'
local minute = math.floor(now / 60000)
if minute ~= open_minute then
local function close_minute()
local totals = prefix .. 'totals'
local stored, kinds, counts, sums = mending('HGETALL', history), {}, {}, {}
local room = MOST_KINDS - mending('HLEN', totals) + (redis.call('HGET', totals, OTHERS) and 1 or 0)
redis.call('DEL', history)
for i = 1, #stored, 2 do
local code, kind = string.match(stored[i], '^(%d+) (%S+)$')
local n = string.match(stored[i + 1], '^%d+$')
if code and #code <= 3 and n then
if not counts[kind] and kind ~= OTHERS and not redis.call('HGET', totals, kind) then
if room < 1 or #kind > 64 then kind = OTHERS else room = room - 1 end
end
if not counts[kind] then
kinds[#kinds + 1] = kind
counts[kind], sums[kind] = {}, {}
end
counts[kind][code] = (counts[kind][code] or 0) + n
local untimed = tostring(code - code % 100 + 99)
sums[kind][untimed] = (sums[kind][untimed] or 0) + n
end
end
if #kinds == 0 then return end
local function add_to(key, start, added)
local fields, writes = {}, {}
for i, kind in ipairs(kinds) do fields[i] = start .. kind end
local lines = mending('HMGET', key, unpack(fields))
for i, kind in ipairs(kinds) do
local sum, words = added[kind], {}
if lines[i] then
sum = {}
for code, n in string.gmatch(lines[i] .. ' ', '(%d+)=(%d+) ') do
sum[code] = (sum[code] or 0) + n
end
for code, n in pairs(added[kind]) do sum[code] = (sum[code] or 0) + n end
end
for code, n in pairs(sum) do words[#words + 1] = code .. '=' .. n end
writes[2 * i - 1], writes[2 * i] = fields[i], table.concat(words, ' ')
end
redis.call('HSET', key, unpack(writes))
end
local function add_within(keys, length, start, kept)
local number = math.floor(open_minute * 60000 / length)
local left = math.min((number + 1) * length - now, length) + kept
if left <= 0 then return end
add_to(keys .. number, start, counts)
redis.call('PEXPIRE', keys .. number, left)
end

add_within(prefix .. 'minutes:', 3600000, open_minute % 60 .. ' ', 6 * 3600000)
add_within(prefix .. 'hours:', 86400000, math.floor(open_minute / 60) % 24 .. ' ', 30 * 86400000)
add_to(totals, '', sums)
end

if open_minute then close_minute() end
redis.call('HSET', meta, 'minute', minute)
open_minute = minute
end
for kind, counted in pairs(tallies) do
for code, n in pairs(counted) do
local field = code .. ' ' .. kind
local sum = redis.pcall('HINCRBY', history, field, n)
if type(sum) == 'table' then
mending('HDEL', history, field)
redis.call('HINCRBY', history, field, n)
elseif sum == n and kind ~= OTHERS and redis.call('HLEN', history) > MOST_COUNTS then
redis.call('HDEL', history, field)
redis.call('HINCRBY', history, code .. ' ' .. OTHERS, n)
end
end
end
tallies, tallied_at = {}, nil
end`,
  },
  // lib/outbox.lua
  {
    defines: ["outbox"],
    uses: [],
    text: `local outbox = {}`,
  },
  {
    defines: ["places"],
    uses: [],
    text: `local places = { ZREM = {}, ZADD = {}, LPUSH = {} }`,
  },
  {
    defines: ["collect"],
    uses: ["places"],
    text: `local function collect(command, key, a, b)
local entries = places[command][key]
if not entries then
entries = {}
places[command][key] = entries
end
entries[#entries + 1] = a
if b then entries[#entries + 1] = b end
end`,
  },
  {
    defines: ["write_places"],
    uses: ["places"],
    text: `local function write_places()
for key, entries in pairs(places.ZREM) do redis.call('ZREM', key, unpack(entries)) end
for key, entries in pairs(places.ZADD) do redis.call('ZADD', key, unpack(entries)) end
for key, entries in pairs(places.LPUSH) do redis.call('LPUSH', key, unpack(entries)) end
places = { ZREM = {}, ZADD = {}, LPUSH = {} }
end`,
  },
  {
    defines: ["counts"],
    uses: [],
    text: `local counts = {}`,
  },
  {
    defines: ["count"],
    uses: ["counts"],
    text: `local function count(status, n) counts[status] = (counts[status] or 0) + n end`,
  },
  {
    defines: ["write_counts"],
    uses: ["meta", "counts"],
    text: `local function write_counts()
for status, n in pairs(counts) do
if n ~= 0 then redis.call('HINCRBY', meta, status, n) end
end
counts = {}
end`,
  },
  {
    defines: ["announce"],
    uses: ["outbox"],
    text: `local function announce(channel, message) outbox[#outbox + 1] = { channel, message } end`,
  },
  {
    defines: ["finish"],
    uses: ["write_history", "outbox", "write_places", "write_counts"],
    text: `local function finish()
write_places()
write_counts()
write_history()
for _, message in ipairs(outbox) do redis.call('PUBLISH', message[1], message[2]) end
end`,
  },
  {
    defines: ["ring"],
    uses: ["bell", "is_paused"],
    text: `local function ring(jobs)
if jobs < 1 or is_paused then return end
local rings = {}
for i = 1, math.min(jobs, 64 - redis.call('LLEN', bell)) do rings[i] = '1' end
if rings[1] then redis.call('LPUSH', bell, unpack(rings)) end
end`,
  },
  // lib/limits.lua
  {
    defines: ["PARKED_MS"],
    uses: [],
    text: `local PARKED_MS = 30000`,
  },
  {
    defines: ["group_of"],
    uses: [],
    text: `local function group_of(job)
local slot, rate = job.concurrency, job.rate
if not slot or not rate or slot == rate then return slot or rate or nil end
return #slot .. ':' .. slot .. rate
end`,
  },
  {
    defines: ["slot_of"],
    uses: [],
    text: `local function slot_of(group)
local length, rest = string.match(group, '^(%d+):(.*)$')
return length and string.sub(rest, 1, tonumber(length)) or group
end`,
  },
  {
    defines: ["next_turn"],
    uses: ["meta"],
    text: `local function next_turn() return redis.call('HINCRBY', meta, 'turn', 1) end`,
  },
  {
    defines: ["queue_up"],
    uses: ["turns", "next_turn"],
    text: `local function queue_up(group, priority) redis.call('ZADD', turns[priority], 'NX', next_turn(), group) end`,
  },
  {
    defines: ["park"],
    uses: ["PRIORITIES", "turns", "parked"],
    text: `local function park(group, until_ms)
for _, priority in ipairs(PRIORITIES) do redis.call('ZREM', turns[priority], group) end
redis.call('ZADD', parked, until_ms, group)
end`,
  },
  {
    defines: ["unpark"],
    uses: ["PRIORITIES", "parked", "group_key", "queue_up"],
    text: `local function unpark(group)
if redis.call('ZREM', parked, group) == 0 then return false end
local has_jobs = false
for _, priority in ipairs(PRIORITIES) do
if redis.call('EXISTS', group_key(group, priority)) == 1 then
queue_up(group, priority)
has_jobs = true
end
end
return has_jobs
end`,
  },
  {
    defines: ["wake"],
    uses: ["blocked_key", "mending", "ring", "unpark"],
    text: `local function wake(slot)
for _ = 1, 10 do
local group = mending('ZPOPMIN', blocked_key(slot))[1]
if not group then return end
if unpark(group) then
ring(1)
return
end
end
end`,
  },
  {
    defines: ["push_grouped"],
    uses: ["parked", "group_key", "mending", "queue_up"],
    text: `local function push_grouped(group, job, at_front)
mending(at_front and 'RPUSH' or 'LPUSH', group_key(group, job.priority), job.id)
if not redis.call('ZSCORE', parked, group) then queue_up(group, job.priority) end
end`,
  },
  {
    defines: ["compares_left"],
    uses: [],
    text: `local compares_left = 10000`,
  },
  {
    defines: ["COMPARED_AT_END"],
    uses: [],
    text: `local COMPARED_AT_END = 1000`,
  },
  {
    defines: ["has"],
    uses: [],
    text: `local function has(ids, wanted)
for _, id in ipairs(ids) do
if id == wanted then return true end
end
return false
end`,
  },
  {
    defines: ["remove_from"],
    uses: ["mending", "compares_left", "COMPARED_AT_END", "has"],
    text: `local function remove_from(list, id)
local length = mending('LLEN', list)
if length <= compares_left then
compares_left = compares_left - length
redis.call('LREM', list, 1, id)
elseif compares_left >= 2 * COMPARED_AT_END then
compares_left = compares_left - 2 * COMPARED_AT_END
if has(redis.call('LRANGE', list, 0, COMPARED_AT_END - 1), id) then
redis.call('LREM', list, 1, id)
elseif has(redis.call('LRANGE', list, -COMPARED_AT_END, -1), id) then
redis.call('LREM', list, -1, id)
end
end
end`,
  },
  {
    defines: ["drop_grouped"],
    uses: ["PRIORITIES", "turns", "parked", "group_key", "blocked_key", "mending", "slot_of", "wake", "remove_from"],
    text: `local function drop_grouped(group, job)
local list = group_key(group, job.priority)
remove_from(list, job.id)
if redis.call('EXISTS', list) == 1 then return end
local had_turn = redis.call('ZREM', turns[job.priority], group) == 1
for _, priority in ipairs(PRIORITIES) do
if redis.call('EXISTS', group_key(group, priority)) == 1 then return end
end
redis.call('ZREM', parked, group)
mending('ZREM', blocked_key(slot_of(group)), group)
if had_turn then wake(slot_of(group)) end
end`,
  },
  {
    defines: ["FEW_HOLDERS"],
    uses: [],
    text: `local FEW_HOLDERS = 10`,
  },
  {
    defines: ["holders_left"],
    uses: [],
    text: `local holders_left = 1000`,
  },
  {
    defines: ["has_slot"],
    uses: ["leases", "slots_key", "mending", "write_places", "FEW_HOLDERS", "holders_left"],
    text: `local function has_slot(slot, most)
local key = slots_key(slot)
write_places()
if mending('SCARD', key) < most then return true end
local holders = redis.call('SRANDMEMBER', key, math.max(FEW_HOLDERS, holders_left))
holders_left = holders_left - #holders
if #holders > 0 then
local leased = redis.call('ZMSCORE', leases, unpack(holders))
for i, id in ipairs(holders) do
if not leased[i] then redis.call('SREM', key, id) end
end
end
return redis.call('SCARD', key) < most
end`,
  },
  {
    defines: ["next_start"],
    uses: ["mending"],
    text: `local function next_start(key, most, per, now)
local newest, oldest = mending('LINDEX', key, 0), redis.call('LINDEX', key, most - 1)
if newest and (tonumber(newest) or 0) > now then
redis.call('DEL', key)
return nil
end
local at = oldest and (tonumber(oldest) or 0) + per
return at and at > now and at or nil
end`,
  },
  {
    defines: ["note_start"],
    uses: [],
    text: `local function note_start(key, most, per, now)
redis.call('LPUSH', key, now)
redis.call('LTRIM', key, 0, most - 1)
redis.call('PEXPIRE', key, per + 60000)
end`,
  },
  {
    defines: ["first_score"],
    uses: [],
    text: `local function first_score(set) return tonumber(redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')[2]) end`,
  },
  {
    defines: ["next_due"],
    uses: ["PRIORITIES", "scheduled", "parked", "first_score"],
    text: `local function next_due(now, has_delayed, has_groups, also)
local first = also and also >= 0 and also or math.huge
for _, priority in ipairs(has_delayed and PRIORITIES or {}) do
first = math.min(first, first_score(scheduled[priority]) or math.huge)
end
if has_groups then first = math.min(first, first_score(parked) or math.huge) end
return first < math.huge and math.max(0, first - now) or -1
end`,
  },
  // lib/job.lua
  {
    defines: ["WORDS"],
    uses: [],
    text: `local WORDS = { 'status', 'seq', 'rev', 'at', 'round', 'attempt', 'fence' }`,
  },
  {
    defines: ["STATE"],
    uses: [],
    text: `local STATE = '^(%a+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)(.*)$'`,
  },
  {
    defines: ["MARKS"],
    uses: [],
    text: `local MARKS = { 'start_by', 'progress_n', 'cancel_requested', 'settled' }`,
  },
  {
    defines: ["FIXED"],
    uses: [],
    text: `local FIXED = { 'created_at', 'kind', 'attempts', 'priority', 'version' }`,
  },
  {
    defines: ["FIXED_LINE"],
    uses: [],
    text: `local FIXED_LINE = '^(%d+) (%S+) (%d+) (%a+) (%d+)(.*)$'`,
  },
  {
    defines: ["PLACES"],
    uses: ["completed", "failed", "scheduled"],
    text: `local PLACES = {
queued = 'waiting', scheduled = 'scheduled', retrying = 'scheduled', running = 'leases',
completed = 'completed', failed = 'failed', cancelled = 'failed',
}`,
  },
  {
    defines: ["read_words"],
    uses: [],
    text: `local function read_words(job, names, line)
local n = 0
for word in string.gmatch(line, '%S+') do
n = n + 1
if names[n] then job[names[n]] = word end
end
end`,
  },
  {
    defines: ["parse_job"],
    uses: ["WORDS", "STATE", "FIXED", "FIXED_LINE", "read_words"],
    text: `local function parse_job(id, state, line)
state, line = state or '', line or ''
local status, seq, rev, at, round, attempt, fence, marks = string.match(state, STATE)
local created_at, kind, attempts, priority, version, options = string.match(line, FIXED_LINE)
if status and marks ~= '' and string.sub(marks, 1, 1) ~= ' ' then status = nil end
if created_at and options ~= '' and string.sub(options, 1, 1) ~= '\\n' then created_at = nil end
local job = {
id = id, line = line, has_numbers = false,
status = status, seq = seq, rev = rev, at = at, round = round, attempt = attempt, fence = fence,
created_at = created_at, kind = kind, attempts = attempts, priority = priority, version = version,
}
if status and marks ~= '' then
for name, value in string.gmatch(marks, ' ([%a_]+)=(%S+)') do job[name] = value end
end
if options ~= '' then
for name, value in string.gmatch(line, '\\n([%a_]+)=([^\\n]*)') do
if job[name] == nil then job[name] = value end
end
end
if status and created_at then
job.has_numbers = #seq < 16 and #rev < 16 and #at < 16 and #round < 16 and #attempt < 16 and #fence < 16
and #created_at < 16 and #attempts < 16 and #version < 16
else
if not status then read_words(job, WORDS, string.match(state, '^[^=]*')) end
if not created_at then read_words(job, FIXED, string.match(line, '^[^\\n]*')) end
end
return job
end`,
  },
  {
    defines: ["NUMBERS"],
    uses: [],
    text: `local NUMBERS = { 'seq', 'rev', 'at', 'round', 'attempt', 'fence', 'created_at', 'attempts', 'version' }`,
  },
  {
    defines: ["damage_of"],
    uses: ["waiting", "is_number", "NUMBERS"],
    text: `local function damage_of(job)
if not job.has_numbers then
for _, field in ipairs(NUMBERS) do
if not is_number(job[field]) then return field .. ' is missing or not a valid number' end
end
end
if job.progress_n and not is_number(job.progress_n) then return 'progress_n is not a valid number' end
if job.start_by and not is_number(job.start_by) then return 'start_by is not a valid number' end
if not job.kind then return 'the kind is missing' end
if not waiting[job.priority] then return 'the priority is missing or unknown' end
return nil
end`,
  },
  {
    defines: ["read_record"],
    uses: ["job_key", "parse_job"],
    text: `local function read_record(id, also)
local stored = also and redis.pcall('HMGET', job_key(id), 'state', 'job', also)
or redis.pcall('HMGET', job_key(id), 'state', 'job')
if stored.err then return nil end
local job = parse_job(id, stored[1], stored[2])
if also then job[also] = stored[3] end
return job
end`,
  },
  {
    defines: ["inspect"],
    uses: ["job_key", "PLACES", "damage_of", "read_record"],
    text: `local function inspect(id, also)
local job = read_record(id, also)
if not job then return { id = id }, 'the key is not a hash' end
if PLACES[job.status] then return job, damage_of(job) end
if not job.status and redis.call('EXISTS', job_key(id)) == 0 then return nil, nil end
job.status = nil
return job, 'the status is missing or unknown'
end`,
  },
  {
    defines: ["load_job"],
    uses: ["inspect"],
    text: `local function load_job(id, also)
local job, damage = inspect(id, also)
if not damage then return job end
return nil, damage, job.status
end`,
  },
  {
    defines: ["state_of"],
    uses: ["MARKS"],
    text: `local function state_of(job)
local state = job.status .. ' ' .. job.seq .. ' ' .. job.rev .. ' ' .. job.at .. ' ' .. job.round .. ' ' .. job.attempt
.. ' ' .. job.fence
for _, mark in ipairs(MARKS) do
if job[mark] then state = state .. ' ' .. mark .. '=' .. job[mark] end
end
return state
end`,
  },
  {
    defines: ["fixed_of"],
    uses: [],
    text: `local function fixed_of(job)
return job.created_at .. ' ' .. job.kind .. ' ' .. job.attempts .. ' ' .. job.priority .. ' ' .. job.version
end`,
  },
  {
    defines: ["options_of"],
    uses: [],
    text: `local function options_of(job) return string.match(job.line, '\\n.*$') or '' end`,
  },
  {
    defines: ["are_tags"],
    uses: [],
    text: `local function are_tags(text)
local is_json, tags = pcall(cjson.decode, text)
if not is_json or type(tags) ~= 'table' then return false end
for at, tag in pairs(tags) do
if type(at) ~= 'number' or type(tag) ~= 'string' or string.find(tag, '%c') then return false end
end
return true
end`,
  },
  {
    defines: ["damage_of_rest"],
    uses: ["is_number", "are_tags"],
    text: `local function damage_of_rest(job)
if job.depth and not is_number(job.depth) then return 'depth is not a valid number' end
if job.tags and not are_tags(job.tags) then return 'the tags are not a list of strings' end
return nil
end`,
  },
  {
    defines: ["load_shown"],
    uses: ["PLACES", "read_record"],
    text: `local function load_shown(id, also)
local job = read_record(id, also)
return job and PLACES[job.status] and job.kind and job.has_numbers and job or nil
end`,
  },
  {
    defines: ["status_of"],
    uses: ["job_key"],
    text: `local function status_of(id)
local state = redis.pcall('HGET', job_key(id), 'state')
return type(state) == 'string' and string.match(state, '^%S+') or nil
end`,
  },
  {
    defines: ["holds_lease"],
    uses: [],
    text: `local function holds_lease(job, fence) return job.status == 'running' and job.fence == fence end`,
  },
  {
    defines: ["settled_in_full"],
    uses: ["PLACES"],
    text: `local function settled_in_full(job)
local settled = job.settled
if settled and string.match(settled, '^%a+$') then
if PLACES[job.status] ~= 'completed' and PLACES[job.status] ~= 'failed' then return nil end
return job.fence .. ':' .. settled .. ':' .. job.status .. ':' .. job.seq
end
return settled
end`,
  },
  {
    defines: ["settled_before"],
    uses: ["settled_in_full"],
    text: `local function settled_before(job, fence, action)
local settled = settled_in_full(job)
if not settled then return nil end
local at_fence, by, to, seq = string.match(settled, '^(%d+):(%a+):(%a+):(%d+)$')
if at_fence == fence and by == action then return to .. ' ' .. seq end
return nil
end`,
  },
  {
    defines: ["lease_at"],
    uses: [],
    text: `local function lease_at(i) return string.match(ARGV[i], '^(%S+) (%d+)$') end`,
  },
  {
    defines: ["refusal"],
    uses: ["holds_lease", "settled_before"],
    text: `local function refusal(job, fence, action)
if not job then return 'not_found' end
local before = settled_before(job, fence, action)
if before then return before end
if not holds_lease(job, fence) then return 'lease_lost' end
return nil
end`,
  },
  {
    defines: ["settlement"],
    uses: ["text_of", "PLACES"],
    text: `local function settlement(job, action, to)
if PLACES[to] == 'completed' or PLACES[to] == 'failed' then return action end
return job.fence .. ':' .. action .. ':' .. to .. ':' .. text_of(job.seq + 1)
end`,
  },
  // lib/index.lua
  {
    defines: ["INDEXED"],
    uses: ["failed"],
    text: `local INDEXED = { failed = true, cancelled = true }`,
  },
  {
    defines: ["index_sets"],
    uses: ["job_key", "index_key"],
    text: `local function index_sets(id, status)
local code, line = unpack(redis.pcall('HMGET', job_key(id), 'error_code', 'job'))
local tags, sets = string.match(line or '', '\\ntags=([^\\n]*)'), {}
if code and code ~= '' then sets[1] = index_key(status, 'code', code) end
for tag in string.gmatch(tags or '', '"([^"]+)"') do sets[#sets + 1] = index_key(status, 'tag', tag) end
return sets
end`,
  },
  {
    defines: ["index"],
    uses: ["mending", "INDEXED", "index_sets"],
    text: `local function index(id, status, now)
if not INDEXED[status] then return end
for _, set in ipairs(index_sets(id, status)) do mending('ZADD', set, now, id) end
end`,
  },
  {
    defines: ["unindex"],
    uses: ["mending", "INDEXED", "index_sets"],
    text: `local function unindex(id, status)
if not INDEXED[status] then return end
for _, set in ipairs(index_sets(id, status)) do mending('ZREM', set, id) end
end`,
  },
  {
    defines: ["own"],
    uses: ["owner_key", "mending"],
    text: `local function own(id, owner, created_at) mending('ZADD', owner_key(owner), created_at, id) end`,
  },
  {
    defines: ["disown"],
    uses: ["job_key", "owner_key", "mending"],
    text: `local function disown(id)
local owner = string.match(redis.call('HGET', job_key(id), 'job') or '', '\\nowner=([^\\n]*)')
if owner then mending('ZREM', owner_key(owner), id) end
end`,
  },
  // lib/errors.lua
  {
    defines: ["ERRORS_KEPT"],
    uses: [],
    text: `local ERRORS_KEPT = 10`,
  },
  {
    defines: ["note_error"],
    uses: ["errors_key", "mending", "ERRORS_KEPT"],
    text: `local function note_error(job, now, err)
local errors = errors_key(job.id)
mending('RPUSH', errors, job.round .. '\\n' .. job.attempt .. '\\n' .. now .. '\\n' .. err)
redis.call('LTRIM', errors, -ERRORS_KEPT, -1)
end`,
  },
  // lib/log.lua
  {
    defines: ["LOG"],
    uses: [],
    text: `local LOG = '^(%d+) (%d+) (%d+) (%d+)$'`,
  },
  {
    defines: ["append_lines"],
    uses: ["job_key", "logs_key", "text_of", "mending", "announce", "LOG"],
    text: `local function append_lines(job, now, most_lines, most_bytes, from, to)
local key = logs_key(job.id)
local last, bytes, fence, seen = string.match(job.log or '', LOG)
last, bytes = tonumber(last or '0'), tonumber(bytes or '0')
seen = fence == job.fence and tonumber(seen) or 0

local lines = {}
for i = from, to do
local number, age, text = string.match(ARGV[i], '^(%d+) (%d+) (.*)$')
number = tonumber(number)
if number > seen then
last, seen = last + number - seen, number
local at = math.max(0, now - tonumber(age))
local line = text_of(last) .. '\\n' .. text_of(at) .. '\\n' .. job.round .. '\\n' .. job.attempt .. '\\n' .. text
bytes = bytes + #line
lines[#lines + 1] = line
announce(key, line)
end
end
if not lines[1] then return end

local length = mending('RPUSH', key, unpack(lines))
while length > 0 and (length > most_lines or bytes > most_bytes) do
bytes = bytes - #redis.call('LPOP', key)
length = length - 1
end
if length == 0 then bytes = 0 end
redis.call('HSET', job_key(job.id), 'log', text_of(last) .. ' ' .. text_of(bytes) .. ' ' .. job.fence .. ' ' .. text_of(seen))
end`,
  },
  {
    defines: ["append_logs"],
    uses: ["keep_clock", "finish", "load_job", "holds_lease", "lease_at", "append_lines"],
    text: `local function append_logs(now)
local most_lines, most_bytes = tonumber(ARGV[2]), tonumber(ARGV[3])
local replies, has_leases, i, last = {}, false, 4, #ARGV
while i <= last do
local id, fence = lease_at(i)
local from = i + 2
local to = from + tonumber(ARGV[i + 1]) - 1
local job = load_job(id, 'log')
if job and holds_lease(job, fence) then
append_lines(job, now, most_lines, most_bytes, from, to)
replies[#replies + 1], has_leases = 'stored', true
else
replies[#replies + 1] = 'lease_lost'
end
i = to + 1
end
if has_leases then keep_clock(now) end
finish()
return replies
end`,
  },
  // lib/outstanding.lua
  {
    defines: ["outstanding_of"],
    uses: ["outstanding"],
    text: `local function outstanding_of(account)
local jobs, bytes = unpack(redis.call('HMGET', outstanding, 'jobs:' .. account, 'bytes:' .. account))
return tonumber(jobs) or 0, tonumber(bytes) or 0
end`,
  },
  {
    defines: ["count_outstanding"],
    uses: ["outstanding", "outstanding_of"],
    text: `local function count_outstanding(account, sign, bytes)
local held, held_bytes = outstanding_of(account)
if held + sign > 0 then
redis.call('HSET', outstanding, 'jobs:' .. account, held + sign, 'bytes:' .. account,
math.max(0, held_bytes + sign * bytes))
else
redis.call('HDEL', outstanding, 'jobs:' .. account, 'bytes:' .. account)
end
end`,
  },
  {
    defines: ["account_of"],
    uses: [],
    text: `local function account_of(job) return job.account or job.owner end`,
  },
  {
    defines: ["count_stored"],
    uses: ["job_key", "count_outstanding", "account_of"],
    text: `local function count_stored(job, sign)
local account = account_of(job)
if account then count_outstanding(account, sign, redis.call('HSTRLEN', job_key(job.id), 'input')) end
end`,
  },
  {
    defines: ["exceeded"],
    uses: ["outstanding_of"],
    text: `local function exceeded(account, input_bytes, most_jobs, most_bytes)
local jobs, bytes = outstanding_of(account)
if jobs + 1 > (tonumber(most_jobs) or math.huge) then return 'jobs' end
if bytes + input_bytes > (tonumber(most_bytes) or math.huge) then return 'bytes' end
return nil
end`,
  },
  // lib/move.lua
  {
    defines: ["FINISHED"],
    uses: ["completed", "failed"],
    text: `local FINISHED = { completed = completed, failed = failed, cancelled = failed }`,
  },
  {
    defines: ["FEED_KEPT"],
    uses: [],
    text: `local FEED_KEPT = 64`,
  },
  {
    defines: ["SOON_MS"],
    uses: [],
    text: `local SOON_MS = 5000`,
  },
  {
    defines: ["event_line"],
    uses: [],
    text: `local function event_line(seq, at, to, round, attempt, payload)
return 't\\n' .. seq .. '\\n' .. at .. '\\n' .. to .. '\\n' .. round .. '\\n' .. attempt .. '\\n' .. payload
end`,
  },
  {
    defines: ["leave"],
    uses: ["meta", "leases", "scheduled", "grouped", "slots_key", "mending", "is_full", "collect", "ring", "group_of", "wake", "unindex", "FINISHED"],
    text: `local function leave(job)
if job.status == 'running' then
collect('ZREM', leases, job.id)
if job.concurrency then
mending('SREM', slots_key(job.concurrency), job.id)
wake(job.concurrency)
end
if is_full then
redis.call('HDEL', meta, 'full')
is_full = false
ring(1)
end
elseif job.status == 'scheduled' or job.status == 'retrying' then
redis.call('ZREM', scheduled[job.priority], job.id)
elseif FINISHED[job.status] then
redis.call('ZREM', FINISHED[job.status], job.id)
unindex(job.id, job.status)
elseif job.status == 'queued' and group_of(job) then
redis.call('ZREM', grouped, job.id)
end
end`,
  },
  {
    defines: ["enter"],
    uses: ["meta", "leases", "unique", "waiting", "scheduled", "grouped", "idempotency_key", "slots_key", "text_of", "mending", "collect", "ring", "group_of", "push_grouped", "index", "FINISHED", "SOON_MS"],
    text: `local function enter(job, to, now, how)
if to == 'queued' then
local group = group_of(job)
if group then
push_grouped(group, job, how.front)
redis.call('ZADD', grouped, now, job.id)
else
if how.front then
redis.call('RPUSH', waiting[job.priority], job.id)
redis.call('HDEL', meta, 'compacting')
else
collect('LPUSH', waiting[job.priority], job.id)
end
end
elseif to == 'scheduled' or to == 'retrying' then
local delayed = scheduled[job.priority]
redis.call('ZADD', delayed, text_of(how.due), job.id)
if how.due - now < SOON_MS and redis.call('ZRANGE', delayed, 0, 0)[1] == job.id then ring(1) end
elseif to == 'running' then
collect('ZADD', leases, text_of(how.expires), job.id)
if job.concurrency then mending('SADD', slots_key(job.concurrency), job.id) end
else
collect('ZADD', FINISHED[to], text_of(now), job.id)
index(job.id, to, now)
if job.unique and redis.call('HGET', unique, job.unique) == job.id then redis.call('HDEL', unique, job.unique) end
if job.idempotency then
local record = idempotency_key(job.idempotency)
local kept = mending('GET', record)
if kept and string.sub(kept, 1, #job.id + 1) == job.id .. '\\n' then
local fingerprint = string.match(kept, '^[^\\n]*\\n([^\\n]*)')
redis.call('SET', record, job.id .. '\\n' .. fingerprint .. '\\n' .. to, 'PX', how.remember)
end
end
end
end`,
  },
  {
    defines: ["move"],
    uses: ["expiring", "job_key", "feed_key", "text_of", "mending", "tally", "count", "announce", "state_of", "count_stored", "FINISHED", "FEED_KEPT", "event_line", "leave", "enter"],
    text: `local function move(job, to, now, how)
tally(job, to, now, how)
leave(job)
if job.start_by and to ~= 'queued' and to ~= 'scheduled' then
redis.call('ZREM', expiring, job.id)
job.start_by = nil
end
if job.status then count(job.status, -1) end
count(to, 1)
if job.status and not FINISHED[job.status] ~= not FINISHED[to] then
count_stored(job, FINISHED[to] and -1 or 1)
end

local seq, at, payload = text_of(job.seq + 1), text_of(now), how.payload or ''
job.status, job.seq, job.rev, job.at = to, seq, '0', at
if how.fields then
redis.call('HSET', job_key(job.id), 'state', state_of(job), unpack(how.fields))
else
redis.call('HSET', job_key(job.id), 'state', state_of(job))
end
enter(job, to, now, how)
if seq ~= '1' then
local feed, event = feed_key(job.id), event_line(seq, at, to, job.round, job.attempt, payload)
announce(feed, event)
if payload ~= '' and (to == 'completed' or to == 'failed') then
event = event_line(seq, at, to, job.round, job.attempt, '')
end
local length = mending('RPUSH', feed, event)
if length > FEED_KEPT then redis.call('LTRIM', feed, -FEED_KEPT, -1) end
end
return seq
end`,
  },
  {
    defines: ["erase"],
    uses: ["meta", "job_key", "feed_key", "chunks_key", "logs_key", "errors_key", "unindex", "disown", "FINISHED"],
    text: `local function erase(id, status)
redis.call('ZREM', FINISHED[status], id)
unindex(id, status)
disown(id)
redis.call('HINCRBY', meta, status, -1)
redis.call('DEL', errors_key(id), job_key(id), feed_key(id), chunks_key(id), logs_key(id))
end`,
  },
  {
    defines: ["revise"],
    uses: ["job_key", "feed_key", "text_of", "announce", "state_of"],
    text: `local function revise(job, now, progress)
job.rev = text_of(job.rev + 1)
if progress then
redis.call('HSET', job_key(job.id), 'state', state_of(job), 'progress', progress)
else
redis.call('HSET', job_key(job.id), 'state', state_of(job))
progress = job.progress_n and redis.call('HGET', job_key(job.id), 'progress')
end
announce(feed_key(job.id), 'r\\n' .. job.seq .. '\\n' .. job.at .. '\\n' .. job.rev .. '\\n' .. text_of(now)
.. '\\n' .. job.round .. '\\n' .. job.attempt .. '\\n' .. (job.cancel_requested and '1' or '0') .. '\\n' .. (progress or ''))
end`,
  },
  {
    defines: ["report"],
    uses: ["revise"],
    text: `local function report(job, now, text)
if text == '' then return end
local n, progress = string.match(text, '^(%d+) (.*)$')
if not n or tonumber(n) <= tonumber(job.progress_n or '0') then return end
job.progress_n = n
revise(job, now, progress)
end`,
  },
  {
    defines: ["expire"],
    uses: ["move"],
    text: `local function expire(job, now, remember)
move(job, 'cancelled', now, { payload = 'expired', remember = remember, fields = { 'cancelled_by', 'expired' } })
end`,
  },
  // lib/store.lua
  {
    defines: ["SPEC_ARGS"],
    uses: [],
    text: `local SPEC_ARGS = 4`,
  },
  {
    defines: ["NEW"],
    uses: [],
    text: `local NEW = 'none 0 0 0 1 0 0'`,
  },
  {
    defines: ["check_specs"],
    uses: ["count", "SPEC_ARGS"],
    text: `local function check_specs(i)
local count = #ARGV - i + 1
if count == 0 or count % SPEC_ARGS ~= 0 then
error({ err = 'TELLTALE got ' .. count .. ' job arguments, which is not a multiple of ' .. SPEC_ARGS })
end
end`,
  },
  {
    defines: ["spec_at"],
    uses: ["text_of", "parse_job", "NEW"],
    text: `local function spec_at(i, now)
local spec = parse_job(ARGV[i], NEW, text_of(now) .. ' ' .. ARGV[i + 2])
spec.status, spec.input = nil, ARGV[i + 1]
if ARGV[i + 3] ~= '' then
for name, value in string.gmatch(ARGV[i + 3], '([%a_]+)=([^\\n]*)') do spec[name] = value end
end
spec.due = tonumber(spec.run_at) or (spec.delay and now + tonumber(spec.delay)) or now
if spec.start_within then spec.start_by = text_of(math.max(spec.due, now) + tonumber(spec.start_within)) end
return spec
end`,
  },
  {
    defines: ["store"],
    uses: ["unique", "expiring", "idempotency_key", "text_of", "own", "count_outstanding", "account_of", "move"],
    text: `local function store(spec, now)
local to = spec.due > now and 'scheduled' or 'queued'
if to == 'scheduled' then spec.line = spec.line .. '\\nrun_at=' .. text_of(spec.due) end
if spec.idempotency then
redis.call('SET', idempotency_key(spec.idempotency), spec.id .. '\\n' .. spec.fingerprint)
end
if spec.unique then redis.call('HSET', unique, spec.unique, spec.id) end
if spec.start_by then redis.call('ZADD', expiring, spec.start_by, spec.id) end
move(spec, to, now, { due = spec.due, fields = { 'job', spec.line, 'input', spec.input } })
if spec.owner then own(spec.id, spec.owner, now) end
local account = account_of(spec)
if account then count_outstanding(account, 1, #spec.input) end
return to
end`,
  },
  // lib/existing.lua
  {
    defines: ["stored_before"],
    uses: ["status_of"],
    text: `local function stored_before(spec)
local status = status_of(spec.id)
return status and { 'existing', spec.id, status } or nil
end`,
  },
  {
    defines: ["holder_of_keys"],
    uses: ["unique", "job_key", "idempotency_key", "mending", "PLACES", "status_of", "FINISHED"],
    text: `local function holder_of_keys(spec)
if spec.idempotency then
local kept = mending('GET', idempotency_key(spec.idempotency))
local holder, fingerprint, ended = string.match(kept or '', '^([^\\n]*)\\n([^\\n]*)\\n?(.*)$')
if holder and (ended ~= '' or redis.call('EXISTS', job_key(holder)) == 1) then
if fingerprint ~= spec.fingerprint then return { 'idempotency_conflict', holder } end
return { 'existing', holder, status_of(holder) or ended }
end
end
if spec.unique then
local holder = redis.call('HGET', unique, spec.unique)
local held = holder and status_of(holder)
if held and PLACES[held] and not FINISHED[held] then return { 'unique_conflict', holder } end
end
return nil
end`,
  },
  // lib/damage.lua
  {
    defines: ["suspect"],
    uses: ["suspects"],
    text: `local function suspect(id, place, now) redis.call('ZADD', suspects, now, place .. '\\n' .. id) end`,
  },
  {
    defines: ["newest_event"],
    uses: ["feed_key"],
    text: `local function newest_event(id)
local line = redis.pcall('LINDEX', feed_key(id), -1)
local seq, status = string.match(type(line) == 'string' and line or '', '^t\\n(%d+)\\n%d+\\n(%a+)\\n')
return tonumber(seq), status
end`,
  },
  {
    defines: ["uncount"],
    uses: ["meta", "write_counts", "PLACES", "newest_event"],
    text: `local function uncount(id, place, otherwise)
write_counts()
local _, last_status = newest_event(id)
local status = PLACES[last_status] == place and last_status or otherwise
if tonumber(redis.call('HGET', meta, status) or '0') > 0 then redis.call('HINCRBY', meta, status, -1) end
return status
end`,
  },
  {
    defines: ["erase_keys"],
    uses: ["job_key", "feed_key", "chunks_key", "logs_key", "errors_key", "owner_key", "idempotency_key", "mending", "inspect"],
    text: `local function erase_keys(id)
local job = inspect(id) or {}
if job.owner then mending('ZREM', owner_key(job.owner), id) end
local kept = job.idempotency and mending('GET', idempotency_key(job.idempotency))
if kept and string.sub(kept, 1, #id + 1) == id .. '\\n' then redis.call('DEL', idempotency_key(job.idempotency)) end
redis.call('DEL', errors_key(id), job_key(id), feed_key(id), chunks_key(id), logs_key(id))
end`,
  },
  {
    defines: ["recounted"],
    uses: ["leases", "completed", "failed", "PRIORITIES", "waiting", "turns", "scheduled", "count"],
    text: `local function recounted(field)
local set = ({ running = leases, completed = completed, failed = failed })[field]
if set then return redis.call('ZCARD', set) end
local count = 0
for _, priority in ipairs(PRIORITIES) do
if field == 'queued' then count = count + redis.call('LLEN', waiting[priority]) end
if field == 'scheduled' then count = count + redis.call('ZCARD', scheduled[priority]) end
local last = field == 'turn' and redis.call('ZRANGE', turns[priority], -1, -1, 'WITHSCORES')[2]
if last then count = math.max(count, tonumber(last)) end
end
return count
end`,
  },
  {
    defines: ["mend_numbers"],
    uses: ["meta", "is_number", "recounted"],
    text: `local function mend_numbers()
local fields = { 'scheduled', 'queued', 'running', 'retrying', 'completed', 'failed', 'cancelled', 'handed', 'turn',
'clock_steps', 'clock' }
local mended = 0
for i, value in ipairs(redis.call('HMGET', meta, unpack(fields))) do
if value and not is_number(string.gsub(value, '^%-', '')) then
redis.call('HSET', meta, fields[i], recounted(fields[i]))
mended = mended + 1
end
end
return mended
end`,
  },
  // lib/due.lua
  {
    defines: ["promote_due"],
    uses: ["scheduled", "load_job", "move", "suspect"],
    text: `local function promote_due(priority, now, limit)
local delayed, promoted = scheduled[priority], 0
local due = redis.call('ZRANGE', delayed, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)
for _, id in ipairs(due) do
local job, damage = load_job(id)
if job and (job.status == 'scheduled' or job.status == 'retrying') then
move(job, 'queued', now, {})
promoted = promoted + 1
else
redis.call('ZREM', delayed, id)
if damage then suspect(id, 'scheduled', now) end
end
end
return promoted, #due
end`,
  },
  // lib/workers.lua
  {
    defines: ["WORKED_MS"],
    uses: [],
    text: `local WORKED_MS = 10000`,
  },
  {
    defines: ["note_worker"],
    uses: ["meta", "WORKED_MS"],
    text: `local function note_worker(worked, now)
if math.abs(now - (tonumber(worked) or 0)) >= WORKED_MS then redis.call('HSET', meta, 'worked', now) end
end`,
  },
  // lib/cancel.lua
  {
    defines: ["cancel_job"],
    uses: ["prefix", "job_key", "announce", "group_of", "drop_grouped", "FINISHED", "move", "revise"],
    text: `local function cancel_job(job, request, now, remember)
if FINISHED[job.status] then
local ours = redis.call('HGET', job_key(job.id), 'cancelled_by') == request
return ours and 'cancelled' or 'already_finished', false
end

if job.status == 'running' then
if not job.cancel_requested then
job.cancel_requested = '1'
revise(job, now)
announce(prefix .. 'control', 'cancel\\n' .. job.id .. '\\n' .. job.fence)
return 'requested', true
end
return 'requested', false
end

local group = job.status == 'queued' and group_of(job)
move(job, 'cancelled', now, { remember = remember, fields = { 'cancelled_by', request } })
if group then drop_grouped(group, job) end
return 'cancelled', true
end`,
  },
  // lib/rerun.lua
  {
    defines: ["rerun_job"],
    uses: ["unique", "job_key", "feed_key", "chunks_key", "idempotency_key", "mending", "load_job", "settled_in_full", "account_of", "exceeded", "FINISHED", "event_line", "move"],
    text: `local function rerun_job(id, round, most_jobs, most_bytes, now)
local job = load_job(id)
if not job then return { 'not_found' } end
if job.round ~= round then return { 'queued', job.seq } end
if not FINISHED[job.status] then return { 'not_finished' } end
local holder = job.unique and redis.call('HGET', unique, job.unique)
if holder and holder ~= id and redis.call('EXISTS', job_key(holder)) == 1 then return { 'unique_conflict', holder } end
local account = account_of(job)
local limit = account and exceeded(account, redis.call('HSTRLEN', job_key(id), 'input'), most_jobs, most_bytes)
if limit then return { 'too_many', limit } end
local ended = redis.call('HMGET', job_key(id), 'output', 'error')
local payload = job.status == 'completed' and ended[1] or job.status == 'failed' and ended[2] or ''
if payload ~= '' and mending('LLEN', feed_key(id)) > 0 then
redis.call('LSET', feed_key(id), -1, event_line(job.seq, job.at, job.status, job.round, job.attempt, payload))
end
if job.unique then redis.call('HSET', unique, job.unique, id) end
local kept = job.idempotency and mending('GET', idempotency_key(job.idempotency))
if kept and string.sub(kept, 1, #id + 1) == id .. '\\n' then redis.call('PERSIST', idempotency_key(job.idempotency)) end
redis.call('HDEL', job_key(id), 'output', 'error', 'progress', 'cancelled_by', 'chunk_count', 'chunk_bytes',
'chunk_fence', 'chunk_seen', 'chunk_end')
redis.call('DEL', chunks_key(id))
job.settled = settled_in_full(job)
job.round, job.attempt, job.progress_n, job.cancel_requested = job.round + 1, 0, nil, nil
local seq = move(job, 'queued', now, {})
redis.call('HDEL', job_key(id), 'error_code')
return { 'queued', seq }, true
end`,
  },
  // lib/filter.lua
  {
    defines: ["WITH_ERROR"],
    uses: ["failed"],
    text: `local WITH_ERROR = { failed = true, cancelled = true, retrying = true }`,
  },
  {
    defines: ["error_bytes_left"],
    uses: [],
    text: `local error_bytes_left = 262144`,
  },
  {
    defines: ["filter_at"],
    uses: [],
    text: `local function filter_at(i)
local wanted = cjson.decode(ARGV[i])
if wanted.error_text then wanted.error_text = string.lower(wanted.error_text) end
return wanted
end`,
  },
  {
    defines: ["has_tag_like"],
    uses: [],
    text: `local function has_tag_like(job, start)
return string.find(job.tags or '', start, 1, true) ~= nil
end`,
  },
  {
    defines: ["has_error_text"],
    uses: ["job_key", "WITH_ERROR", "error_bytes_left"],
    text: `local function has_error_text(job, text)
local stored = WITH_ERROR[job.status] and redis.call('HGET', job_key(job.id), 'error')
if not stored then return false end
error_bytes_left = error_bytes_left - #stored
if not string.find(text, '["\\\\%c]') and not string.find(string.lower(stored), text, 1, true) then return false end
local is_json, value = pcall(cjson.decode, stored)
local err = is_json and type(value) == 'table' and value.json
if type(err) ~= 'table' then return false end
local shown = type(err.detail) == 'string' and err.detail or err.message
return type(shown) == 'string' and string.find(string.lower(shown), text, 1, true) ~= nil
end`,
  },
  {
    defines: ["is_between"],
    uses: [],
    text: `local function is_between(time, from, to)
return (not from or time >= from) and (not to or time <= to)
end`,
  },
  {
    defines: ["is_wanted"],
    uses: ["FINISHED", "WITH_ERROR", "has_tag_like", "has_error_text", "is_between"],
    text: `local function is_wanted(job, wanted)
if wanted.statuses and not wanted.statuses[job.status] then return false end
if wanted.kind and job.kind ~= wanted.kind then return false end
if wanted.owner and job.owner ~= wanted.owner then return false end
if wanted.code and not (WITH_ERROR[job.status] and job.error_code == wanted.code) then return false end
if wanted.id_prefix and string.sub(job.id, 1, #wanted.id_prefix) ~= wanted.id_prefix then return false end
if wanted.min_attempts and tonumber(job.attempt) < wanted.min_attempts then return false end
if not is_between(tonumber(job.created_at), wanted.submitted_from, wanted.submitted_to) then return false end
if wanted.changed_to and tonumber(job.at) > wanted.changed_to then return false end
if wanted.is_unasked and job.cancel_requested then return false end
if wanted.ended_from or wanted.ended_to then
if not FINISHED[job.status] then return false end
if not is_between(tonumber(job.at), wanted.ended_from, wanted.ended_to) then return false end
end
if wanted.tag and not has_tag_like(job, '"' .. wanted.tag .. '"') then return false end
if wanted.tag_prefix and not has_tag_like(job, '"' .. wanted.tag_prefix) then return false end
return not wanted.error_text or has_error_text(job, wanted.error_text)
end`,
  },
  // lib/listing.lua
  {
    defines: ["MOST_CHECKED"],
    uses: [],
    text: `local MOST_CHECKED = 200`,
  },
  {
    defines: ["load_listed"],
    uses: ["load_shown"],
    text: `local function load_listed(id)
local job = load_shown(id, 'error_code')
if not job then return nil end
job.at, job.owner, job.tags = tonumber(job.at), job.owner or '', job.tags or ''
return job
end`,
  },
  {
    defines: ["listed_reply"],
    uses: ["scheduled", "job_key", "WITH_ERROR"],
    text: `local function listed_reply(job, order)
local err = WITH_ERROR[job.status] and redis.call('HGET', job_key(job.id), 'error') or ''
local delayed = scheduled[job.priority]
local due = delayed and redis.call('ZSCORE', delayed, job.id) or ''
return { job.id, order, job.kind, job.status, job.at, job.created_at, job.round, job.attempt, job.owner, job.tags, err,
due }
end`,
  },
  {
    defines: ["is_below"],
    uses: [],
    text: `local function is_below(a, b)
for i = 1, math.min(#a, #b) do
local x, y = string.byte(a, i), string.byte(b, i)
if x ~= y then return x < y end
end
return #a < #b
end`,
  },
  // lib/bulk.lua
  {
    defines: ["load_wanted"],
    uses: ["load_job", "is_wanted"],
    text: `local function load_wanted(id, wanted)
local job, damage = load_job(id, 'error_code')
if not job then return nil, damage and 'unreadable' or 'gone' end
if not is_wanted(job, wanted) then return nil, 'changed' end
return job, nil
end`,
  },
  // lib/roster.lua
  {
    defines: ["last_seen"],
    uses: [],
    text: `local last_seen = KEYS[1]`,
  },
  {
    defines: ["registry"],
    uses: ["last_seen"],
    text: `local registry = string.sub(last_seen, 1, -#'seen' - 1)`,
  },
  {
    defines: ["roster"],
    uses: ["registry"],
    text: `local roster = registry .. 'roster'`,
  },
  {
    defines: ["records"],
    uses: ["registry"],
    text: `local records = registry .. 'records'`,
  },
  {
    defines: ["drained"],
    uses: ["registry"],
    text: `local drained = registry .. 'drained'`,
  },
  {
    defines: ["GONE_MS"],
    uses: [],
    text: `local GONE_MS = 15000`,
  },
  {
    defines: ["time_now"],
    uses: [],
    text: `local function time_now(given)
local now = tonumber(given)
if now then return now end
local time = redis.call('TIME')
return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end`,
  },
  {
    defines: ["is_there"],
    uses: ["GONE_MS"],
    text: `local function is_there(at, now) return at and math.abs(now - tonumber(at)) < GONE_MS end`,
  },
  {
    defines: ["strike"],
    uses: ["last_seen", "roster", "records"],
    text: `local function strike(entry)
redis.call('ZREM', last_seen, entry)
redis.call('ZREM', roster, entry)
redis.call('HDEL', records, entry)
end`,
  },
];

/** The scripts by name, without the shared statements. */
export const SCRIPTS = {
  "cancel-many": {
    head: "#!lua flags=allow-oom",
    uses: ["read_clock", "keep_clock", "finish", "load_job", "cancel_job", "filter_at", "load_wanted"],
    text: `local now, remember, request, wanted = read_clock(ARGV[1]), ARGV[2], ARGV[3], filter_at(4)
local function done_before(id)
local job = load_job(id, 'cancelled_by')
if job and job.status == 'running' and job.cancel_requested then return 'requested' end
return job and job.cancelled_by == request and 'cancelled' or 'changed'
end

local words, has_any = { 'done' }, false
for i = 5, #ARGV do
local job, word = load_wanted(ARGV[i], wanted)
if job then
local outcome, has_changed = cancel_job(job, request, now, remember)
has_any = has_any or has_changed
word = outcome == 'already_finished' and 'changed' or outcome
elseif word == 'changed' then
word = done_before(ARGV[i])
end
words[#words + 1] = word
end
if has_any then keep_clock(now) end
finish()
return words
`,
  },
  obliterate: {
    head: "#!lua flags=allow-oom",
    uses: ["meta", "prefix", "leases", "completed", "failed", "PRIORITIES", "waiting", "scheduled", "suspects", "aside", "grouped", "group_key", "slots_key", "blocked_key", "starts_key", "group_of", "inspect", "INDEXED", "unindex", "erase_keys"],
    text: `local left = tonumber(ARGV[1])
local deleted = 0
local function drop(id)
left = left - 1
local job = inspect(id)
if not job then return end
if INDEXED[job.status] then unindex(id, job.status) end
local group = group_of(job)
if group then
for _, priority in ipairs(PRIORITIES) do redis.call('UNLINK', group_key(group, priority)) end
end
if job.concurrency then redis.call('UNLINK', slots_key(job.concurrency), blocked_key(job.concurrency)) end
if job.rate then redis.call('UNLINK', starts_key(job.rate)) end
erase_keys(id)
deleted = deleted + 1
end

local function drop_listed(list)
local ids = left > 0 and redis.call('LPOP', list, left) or {}
for _, id in ipairs(ids or {}) do drop(id) end
end
local function drop_sorted(set, pattern)
local entries = left > 0 and redis.call('ZPOPMIN', set, left) or {}
for i = 1, #entries, 2 do drop(string.match(entries[i], pattern) or entries[i]) end
end

local is_new = redis.call('HLEN', meta) <= 1
if redis.call('HGET', meta, 'paused') ~= '1' then return is_new and { 'obliterated', 0, 0 } or { 'not_paused' } end
local running = redis.call('ZCARD', leases)
if running > 0 then return { 'running', running } end
redis.call('HSET', meta, 'obliterating', '1')
for _, priority in ipairs(PRIORITIES) do
drop_listed(waiting[priority])
drop_sorted(scheduled[priority], '^.*$')
end
for _, set in ipairs({ grouped, completed, failed }) do drop_sorted(set, '^.*$') end
drop_sorted(suspects, '\\n(.*)$')
drop_sorted(aside, '^[^\\n]*')
if left <= 0 then return { 'obliterated', deleted, 1 } end

local layout = redis.call('HGET', meta, 'layout')
for i = 2, #ARGV do redis.call('UNLINK', prefix .. ARGV[i]) end
redis.call('UNLINK', prefix .. 'history', prefix .. 'totals')
if layout then redis.call('HSET', meta, 'layout', layout) end
return { 'obliterated', deleted, 0 }
`,
  },
  "remove-many": {
    head: "#!lua flags=allow-oom",
    uses: ["FINISHED", "erase", "filter_at", "load_wanted"],
    text: `local wanted = filter_at(1)

local words = { 'done' }
for i = 2, #ARGV do
local job, word = load_wanted(ARGV[i], wanted)
if not job and word == 'gone' then
word = 'removed'
elseif job and not FINISHED[job.status] then
word = 'changed'
elseif job then
erase(job.id, job.status)
word = 'removed'
end
words[#words + 1] = word
end
return words
`,
  },
  "rerun-many": {
    head: "#!lua",
    uses: ["job_key", "read_clock", "keep_clock", "finish", "ring", "load_job", "rerun_job", "filter_at", "load_wanted"],
    text: `local now, most_jobs, most_bytes, wanted = read_clock(ARGV[1]), ARGV[2], ARGV[3], filter_at(4)
local MOST_BYTES = 1048576

local words, queued, bytes = { 'done' }, 0, 0
for i = 5, #ARGV, 2 do
if bytes > MOST_BYTES then break end
local id, round = ARGV[i], ARGV[i + 1]
local job, word = load_wanted(id, wanted)
if not job and word == 'changed' then
local found = load_job(id)
word = found and found.round ~= round and 'queued' or 'changed'
elseif job then
bytes = bytes + redis.call('HSTRLEN', job_key(id), 'output') + redis.call('HSTRLEN', job_key(id), 'error')
local reply, has_changed = rerun_job(id, round, most_jobs, most_bytes, now)
if has_changed then queued = queued + 1 end
word = reply[1]
end
words[#words + 1] = word
end
if queued > 0 then
keep_clock(now)
ring(queued)
end
finish()
return words
`,
  },
  "run-many-now": {
    head: "#!lua flags=allow-oom",
    uses: ["read_clock", "keep_clock", "finish", "ring", "status_of", "move", "filter_at", "load_wanted"],
    text: `local now, wanted = read_clock(ARGV[1]), filter_at(2)

local words, queued = { 'done' }, 0
for i = 3, #ARGV do
local job, word = load_wanted(ARGV[i], wanted)
if not job and word == 'changed' then
local status = status_of(ARGV[i])
word = (status == 'queued' or status == 'running') and 'queued' or 'changed'
elseif job and (job.status == 'scheduled' or job.status == 'retrying') then
move(job, 'queued', now, {})
queued = queued + 1
word = 'queued'
elseif job then
word = 'changed'
end
words[#words + 1] = word
end
if queued > 0 then
keep_clock(now)
ring(queued)
end
finish()
return words
`,
  },
  cancel: {
    head: "#!lua flags=allow-oom",
    uses: ["read_clock", "keep_clock", "finish", "load_job", "cancel_job"],
    text: `local now, remember, id, request = read_clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

local job = load_job(id)
if not job then return { 'not_found' } end
local outcome, has_changed = cancel_job(job, request, now, remember)
if has_changed then
keep_clock(now)
finish()
end
return { outcome }
`,
  },
  chunk: {
    head: "#!lua",
    uses: ["job_key", "chunks_key", "mending", "read_clock", "keep_clock", "count", "announce", "finish", "load_job", "holds_lease", "lease_at"],
    text: `local now, most = read_clock(ARGV[1]), tonumber(ARGV[2])
local function append_pieces(job, first, from, to)
local key, list = job_key(job.id), chunks_key(job.id)
local count, bytes, under, seen, ended =
unpack(redis.call('HMGET', key, 'chunk_count', 'chunk_bytes', 'chunk_fence', 'chunk_seen', 'chunk_end'))
if ended then return 'truncated' end
count, bytes = tonumber(count) or 0, tonumber(bytes) or 0
seen = under == job.fence and tonumber(seen) or 0

local function append(data)
count = count + 1
local line = count .. '\\n' .. now .. '\\n' .. job.round .. '\\n' .. job.attempt .. '\\n' .. data
mending('RPUSH', list, line)
announce(list, line)
end

for i = from, to do
local n = first + i - from
if n > seen then
seen = n
if bytes + #ARGV[i] > most then
append('')
ended = true
break
end
bytes = bytes + #ARGV[i]
append(ARGV[i])
end
end
redis.call('HSET', key, 'chunk_count', count, 'chunk_bytes', bytes, 'chunk_fence', job.fence, 'chunk_seen', seen)
if ended then redis.call('HSET', key, 'chunk_end', '1') end
return ended and 'truncated' or 'stored'
end

local replies, has_leases, i, last = {}, false, 3, #ARGV
while i <= last do
local id, fence = lease_at(i)
local first, from = tonumber(ARGV[i + 1]), i + 3
local to = from + tonumber(ARGV[i + 2]) - 1
local job = load_job(id)
if job and holds_lease(job, fence) then
replies[#replies + 1], has_leases = append_pieces(job, first, from, to), true
else
replies[#replies + 1] = 'lease_lost'
end
i = to + 1
end
if has_leases then keep_clock(now) end
finish()
return replies
`,
  },
  claim: {
    head: "#!lua flags=allow-oom",
    uses: ["meta", "prefix", "bell", "leases", "PRIORITIES", "waiting", "turns", "scheduled", "expiring", "instants", "suspects", "aside", "grouped", "job_key", "group_key", "blocked_key", "starts_key", "text_of", "mending", "is_paused", "read_clock", "keep_clock", "write_places", "counts", "count", "finish", "ring", "PARKED_MS", "slot_of", "next_turn", "queue_up", "park", "wake", "has_slot", "next_start", "note_start", "next_due", "load_job", "fixed_of", "options_of", "damage_of_rest", "holds_lease", "move", "expire", "suspect", "promote_due", "note_worker"],
    text: `local now, queued, handed, turn, worked, compacting =
read_clock(ARGV[1], 'queued', 'handed', 'turn', 'worked', 'compacting')
local loop_key, request, room, lease = prefix .. 'claim:' .. ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local remember, worker, most_running = ARGV[6], ARGV[7], tonumber(ARGV[8])
local most_starts, starts_per = tonumber(ARGV[9]), tonumber(ARGV[10])
local key_limits = {}
for i = 11, #ARGV, 4 do
local kind, running, starts, per = unpack(ARGV, i, i + 3)
key_limits[kind] = { running = tonumber(running), starts = tonumber(starts), per = tonumber(per) }
end
local NO_LIMITS = {}
local MOST, DISCARDS = 100, 200
local GROUP_DISCARD = 4
local DOWN = PRIORITIES
local UP = { 'low', 'normal', 'high', 'urgent' }
local queue_starts = starts_key('')

handed = tonumber(handed or '0')
local discarded = 0
local late = {}
local has_delayed = redis.call('EXISTS', scheduled.urgent, scheduled.high, scheduled.normal, scheduled.low) > 0
local wanted, promoted = 0, 0
local has_no_due = {}
local is_empty = {}
local popped = { ids = {} }

local function add_leased(jobs, job)
local line = job.has_numbers and job.line or fixed_of(job) .. options_of(job)
jobs[#jobs + 1] = job.id .. ' ' .. job.fence .. ' ' .. job.attempt .. ' ' .. job.round .. '\\n' .. line
jobs[#jobs + 1] = job.input or ''
end

local function still_held(record)
local jobs, expires = {}, text_of(now + lease)
keep_clock(now)
redis.call('PEXPIRE', loop_key, lease * 2)
for id, fence in string.gmatch(record, '\\n(%S+) (%d+)') do
local job = load_job(id, 'input')
if job and holds_lease(job, fence) and not damage_of_rest(job) then
redis.call('ZADD', leases, 'XX', expires, id)
add_leased(jobs, job)
end
end
return jobs
end
local function startable(id)
local job, damage, status = load_job(id, 'input')
if job and job.status == 'queued' then
damage = damage_of_rest(job)
status = job.status
if not damage then
if not job.start_by or tonumber(job.start_by) >= now then return job end
expire(job, now, remember)
late[#late + 1] = id
end
end
if damage and (status == 'queued' or not status) then suspect(id, 'waiting', now) end
discarded = discarded + 1
return nil
end
local function blocked_until(job)
local limits = key_limits[job.kind] or NO_LIMITS
if job.concurrency and limits.running and not has_slot(job.concurrency, limits.running) then
return now + PARKED_MS, true
end
if job.rate and limits.starts then return next_start(starts_key(job.rate), limits.starts, limits.per, now), false end
return nil, false
end
local function end_compacting(list)
if compacting and waiting[PRIORITIES[tonumber(string.match(compacting, '^%d'))]] == list then
redis.call('HDEL', meta, 'compacting')
compacting = nil
end
end
local function pop_first(priorities)
while discarded < DISCARDS do
if #popped.ids == 0 then
local is_single = priorities == UP or most_running or most_starts
local lists = {}
for i, priority in ipairs(priorities) do lists[i] = waiting[priority] end
local found = redis.call('LMPOP', 4, lists[1], lists[2], lists[3], lists[4], 'RIGHT', 'COUNT',
is_single and 1 or math.min(wanted, 15 - handed % 16))
if not found then return nil end
local count = #found[2]
end_compacting(found[1])
popped = { list = found[1], ids = {} }
for i, id in ipairs(found[2]) do popped.ids[count + 1 - i] = id end
end
local job = startable(table.remove(popped.ids))
if job then return job end
end
return nil
end
local function give_back()
if #popped.ids > 0 then redis.call('RPUSH', popped.list, unpack(popped.ids)) end
end

local function pop_plain(priority)
while discarded < DISCARDS and not is_empty[priority] do
local id = redis.call('RPOP', waiting[priority])
if not id then
is_empty[priority] = true
return nil
end
end_compacting(waiting[priority])
local job = startable(id)
if job then return job end
end
return nil
end
local function head(list)
while discarded < DISCARDS do
local id = mending('LINDEX', list, -1)
if not id then return nil end
local job = startable(id)
if job then return job end
redis.call('RPOP', list)
redis.call('ZREM', grouped, id)
end
return nil
end

local function pop_grouped(priority)
while discarded < DISCARDS do
local group = redis.call('ZPOPMIN', turns[priority])[1]
if not group then return nil end
local list = group_key(group, priority)
local job = head(list)
local until_ms, wants_slot
if job then until_ms, wants_slot = blocked_until(job) end
if job and not until_ms then
redis.call('RPOP', list)
if redis.call('EXISTS', list) == 1 then queue_up(group, priority) end
return job
end
if job then
park(group, math.min(until_ms, now + PARKED_MS))
elseif redis.call('EXISTS', list) == 1 then
queue_up(group, priority)
end
if wants_slot then
mending('ZADD', blocked_key(job.concurrency), 'NX', next_turn(), group)
else
wake(slot_of(group))
end
discarded = discarded + GROUP_DISCARD
end
return nil
end

local function pop_queued(priority, turns)
if not turn then return pop_plain(priority) end
if turns % 2 == 0 then return pop_plain(priority) or pop_grouped(priority) end
return pop_grouped(priority) or pop_plain(priority)
end
local function promote_some(priority)
if not has_delayed or has_no_due[priority] or discarded >= DISCARDS then return false end
local queued, taken = promote_due(priority, now, math.min(wanted, MOST - promoted))
write_places()
promoted = promoted + taken
has_no_due[priority] = taken == 0
is_empty[priority] = false
if queued > 0 then turn = redis.call('HGET', meta, 'turn') end
return taken > 0
end

local function pop()
local is_for_lowest = handed % 16 == 15
local priorities = is_for_lowest and UP or DOWN
if not turn and not has_delayed then return pop_first(priorities) end
local turns = is_for_lowest and math.floor(handed / 16) or handed
for _, priority in ipairs(priorities) do
local job = pop_queued(priority, turns)
while not job and promote_some(priority) do job = pop_queued(priority, turns) end
if job then return job end
end
return nil
end

local function start(job)
local limits = key_limits[job.kind] or NO_LIMITS
handed = handed + 1
job.fence, job.attempt = text_of(job.fence + 1), text_of(job.attempt + 1)
if job.progress_n then
redis.call('HDEL', job_key(job.id), 'progress')
job.progress_n = nil
end
move(job, 'running', now, { expires = now + lease, payload = worker })
if most_starts then note_start(queue_starts, most_starts, starts_per, now) end
if job.rate and limits.starts then note_start(starts_key(job.rate), limits.starts, limits.per, now) end
end

local function count_running()
write_places()
return redis.call('ZCARD', leases)
end
local function take()
if is_paused then return {}, nil end
local waiting_now = tonumber(queued or '0')
if has_delayed then
for _, priority in ipairs(PRIORITIES) do
waiting_now = waiting_now + redis.call('ZCOUNT', scheduled[priority], '-inf', now)
end
end
local want = math.min(room, math.max(1, math.ceil(waiting_now / 4)), MOST)
local jobs, taken, record, opens_at = {}, 0, { request }, nil
while taken < want do
if most_running and count_running() >= most_running then
if waiting_now > taken then redis.call('HSET', meta, 'full', '1') end
opens_at = -1
break
end
opens_at = most_starts and next_start(queue_starts, most_starts, starts_per, now)
if opens_at then break end
wanted = want - taken
local job = pop()
if not job then break end
start(job)
add_leased(jobs, job)
taken = taken + 1
record[taken + 1] = job.id .. ' ' .. job.fence
end
give_back()
if taken > 0 then
redis.call('SET', loop_key, table.concat(record, '\\n'), 'PX', lease * 2)
keep_clock(now, 'handed', text_of(handed))
elseif promoted > 0 then
keep_clock(now)
end
return jobs, opens_at
end
local function claimable()
if not turn then return tonumber(queued or '0') + (counts.queued or 0) end
write_places()
local count = 0
for _, priority in ipairs(PRIORITIES) do
count = count + redis.call('LLEN', waiting[priority]) + redis.call('ZCARD', turns[priority])
end
return count
end
local function is_deserted()
return redis.call('EXISTS', leases, grouped, expiring, instants, suspects, aside, waiting.urgent, waiting.high, waiting.normal,
waiting.low, scheduled.urgent, scheduled.high, scheduled.normal, scheduled.low) == 0
end

note_worker(worked, now)

local record = mending('GET', loop_key)
local jobs, opens_at
local is_repeat = record and string.sub(record .. '\\n', 1, #request + 1) == request .. '\\n'
if is_repeat then
jobs = still_held(record)
else
jobs, opens_at = take()
end

local left = opens_at and 0 or claimable()
if left < 1 then
redis.call('DEL', bell)
elseif #jobs > 0 and not is_repeat then
ring(left)
end
finish()
local more = left > 0 and (#jobs > 0 or discarded >= DISCARDS)
local deserted = #jobs == 0 and not more and is_deserted()
return { 'claimed', more and 1 or 0, deserted and 1 or 0, next_due(now, has_delayed, turn, opens_at), now, late, unpack(jobs) }
`,
  },
  complete: {
    head: "#!lua flags=allow-oom",
    uses: ["read_clock", "keep_clock", "finish", "load_job", "lease_at", "refusal", "settlement", "move", "report"],
    text: `local now, remember = read_clock(ARGV[1]), ARGV[2]

local replies = {}
for i = 3, #ARGV, 3 do
local id, fence = lease_at(i)
local output, reported = ARGV[i + 1], ARGV[i + 2]
local job = load_job(id)
local answer = refusal(job, fence, 'complete')
if not answer then
report(job, now, reported)
job.settled = settlement(job, 'complete', 'completed')
local seq = move(job, 'completed', now,
{ payload = output, remember = remember, fields = { 'output', output } })
answer = 'completed ' .. seq
end
replies[#replies + 1] = answer
end
keep_clock(now)
finish()
return replies
`,
  },
  extend: {
    head: "#!lua flags=allow-oom",
    uses: ["leases", "read_clock", "keep_clock", "load_job", "holds_lease", "lease_at"],
    text: `local now, lease = read_clock(ARGV[1]), tonumber(ARGV[2])

local replies, extended = {}, {}
for i = 3, #ARGV do
local id, fence = lease_at(i)
local job = load_job(id)
if job and holds_lease(job, fence) then
extended[#extended + 1], extended[#extended + 2] = now + lease, id
replies[#replies + 1] = job.cancel_requested and 'cancel_requested' or 'extended'
else
replies[#replies + 1] = 'lease_lost'
end
end
if #extended > 0 then redis.call('ZADD', leases, 'XX', unpack(extended)) end
keep_clock(now)
return replies
`,
  },
  fail: {
    head: "#!lua flags=allow-oom",
    uses: ["read_clock", "keep_clock", "finish", "load_job", "lease_at", "refusal", "settlement", "note_error", "move", "report"],
    text: `local now, remember = read_clock(ARGV[1]), ARGV[2]

local function outcome(job, retry_in)
if job.cancel_requested then return 'cancelled' end
if retry_in ~= '' and tonumber(job.attempt) < tonumber(job.attempts) then return 'retrying' end
return 'failed'
end

local replies = {}
for i = 3, #ARGV, 5 do
local id, fence = lease_at(i)
local err, code, retry_in, reported = unpack(ARGV, i + 1, i + 4)
local job = load_job(id)
local answer = refusal(job, fence, 'fail')
if not answer then
report(job, now, reported)
local to = outcome(job, retry_in)
job.settled = settlement(job, 'fail', to)
note_error(job, now, err)
local seq = move(job, to, now, {
due = to == 'retrying' and now + tonumber(retry_in) or nil,
payload = to ~= 'cancelled' and err or '',
remember = remember,
fields = { 'error', err, 'error_code', code },
})
answer = to .. ' ' .. seq
end
replies[#replies + 1] = answer
end
keep_clock(now)
finish()
return replies
`,
  },
  progress: {
    head: "#!lua",
    uses: ["read_clock", "keep_clock", "finish", "load_job", "holds_lease", "lease_at", "report"],
    text: `local now = read_clock(ARGV[1])

local replies, has_leases = {}, false
for i = 2, #ARGV, 2 do
local id, fence = lease_at(i)
local reported = ARGV[i + 1]
local job = load_job(id)
if job and holds_lease(job, fence) then
report(job, now, reported)
replies[#replies + 1], has_leases = 'stored', true
else
replies[#replies + 1] = 'lease_lost'
end
end
if has_leases then keep_clock(now) end
finish()
return replies
`,
  },
  release: {
    head: "#!lua flags=allow-oom",
    uses: ["text_of", "read_clock", "keep_clock", "finish", "ring", "load_job", "lease_at", "refusal", "settlement", "move"],
    text: `local now, remember = read_clock(ARGV[1]), ARGV[2]

local function outcome(job, delay)
if job.cancel_requested then return 'cancelled' end
return delay ~= '' and 'scheduled' or 'queued'
end

local replies, queued = {}, 0
for i = 3, #ARGV, 2 do
local id, fence = lease_at(i)
local delay = ARGV[i + 1]
local job = load_job(id)
local answer = refusal(job, fence, 'release')
if not answer then
local to = outcome(job, delay)
job.attempt = text_of(job.attempt - 1)
job.settled = settlement(job, 'release', to)
local seq = move(job, to, now, {
due = to == 'scheduled' and now + tonumber(delay) or nil,
front = true,
remember = remember,
})
if to == 'queued' then queued = queued + 1 end
answer = to .. ' ' .. seq
end
replies[#replies + 1] = answer
end
keep_clock(now)
ring(queued)
finish()
return replies
`,
  },
  rerun: {
    head: "#!lua",
    uses: ["read_clock", "keep_clock", "finish", "ring", "rerun_job"],
    text: `local now, id, round, most_jobs, most_bytes = read_clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local reply, has_changed = rerun_job(id, round, most_jobs, most_bytes, now)
if has_changed then
keep_clock(now)
ring(1)
finish()
end
return reply
`,
  },
  submit: {
    head: "#!lua",
    uses: ["meta", "job_key", "read_clock", "keep_clock", "count", "finish", "ring", "account_of", "exceeded", "SPEC_ARGS", "check_specs", "spec_at", "store", "stored_before", "holder_of_keys"],
    text: `local now, most_waiting = read_clock(ARGV[1]), tonumber(ARGV[2])
check_specs(3)

local function waiting_now()
local count = 0
for _, moved in ipairs(redis.call('HMGET', meta, 'queued', 'scheduled', 'retrying')) do
count = count + tonumber(moved or '0')
end
return count
end
local is_stored, keys = {}, {}
for i = 3, #ARGV, SPEC_ARGS do keys[#keys + 1] = job_key(ARGV[i]) end
local may_exist = redis.call('EXISTS', unpack(keys)) > 0

local replies, queued = {}, 0
local room = most_waiting and most_waiting - waiting_now() or math.huge
for i = 3, #ARGV, SPEC_ARGS do
local spec = spec_at(i, now)
local answer = (may_exist or is_stored[spec.id]) and stored_before(spec) or holder_of_keys(spec)
if not answer and room < 1 then answer = { 'queue_full' } end
local account = account_of(spec)
if not answer and account then
local limit = exceeded(account, #spec.input, spec.most_jobs, spec.most_bytes)
if limit then answer = { 'too_many', limit } end
end
if not answer then
room = room - 1
local status = store(spec, now)
is_stored[spec.id] = true
if status == 'queued' then queued = queued + 1 end
answer = { 'created', spec.id, status }
end
replies[#replies + 1] = answer
end

keep_clock(now)
ring(queued)
finish()
return replies
`,
  },
  log: {
    head: "#!lua",
    uses: ["read_clock", "append_logs"],
    text: `return append_logs(read_clock(ARGV[1]))
`,
  },
  "mark-log": {
    head: "#!lua flags=allow-oom",
    uses: ["read_clock", "append_logs"],
    text: `return append_logs(read_clock(ARGV[1]))
`,
  },
  "read-log": {
    head: "#!lua flags=no-writes",
    uses: ["logs_key", "load_shown"],
    text: `local id, from, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local job = load_shown(id)
if not job then return { 'not_found' } end
local key = logs_key(id)
local length = redis.pcall('LLEN', key)
if type(length) ~= 'number' then return { job.status, {} } end
local low, high = 0, length
while low < high do
local middle = math.floor((low + high) / 2)
local n = tonumber(string.match(redis.call('LINDEX', key, middle), '^%d+') or '0')
if n < from then low = middle + 1 else high = middle end
end
return { job.status, redis.call('LRANGE', key, low, low + limit - 1) }
`,
  },
  detail: {
    head: "#!lua flags=no-writes",
    uses: ["scheduled", "job_key", "feed_key", "errors_key", "load_shown"],
    text: `local id = ARGV[1]

local job = load_shown(id)
if not job then return { 'not_found' } end
local progress, output, err, input = unpack(redis.call('HMGET', job_key(id), 'progress', 'output', 'error', 'input'))
local errors, feed = redis.pcall('LRANGE', errors_key(id), 0, -1), redis.pcall('LRANGE', feed_key(id), 0, -1)
local delayed = scheduled[job.priority]
local due = delayed and redis.call('ZSCORE', delayed, id) or ''
local values = { job.kind, job.owner or '', job.status, job.seq, job.rev, job.at, job.round, job.attempt, job.created_at,
progress or '', output or '', err or '', job.cancel_requested or '', job.tags or '', job.priority or '', job.attempts, input or '' }
return { 'job', values, due, errors.err and {} or errors, feed.err and {} or feed }
`,
  },
  failures: {
    head: "#!lua flags=no-writes",
    uses: ["index_key"],
    text: `local set, first, limit = index_key('failed', 'code', ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local entries = redis.call('ZRANGE', set, first, first + limit - 1, 'REV', 'WITHSCORES')
local groups, order = {}, {}
for i = 1, #entries, 2 do
local kind, at = string.match(entries[i], '^(.+)_%x+$') or '', entries[i + 1]
local group = groups[kind]
if not group then
group = { kind, 0, at, at }
groups[kind] = group
order[#order + 1] = group
end
group[2], group[3] = group[2] + 1, at
end
return { 'failures', #entries == 2 * limit and 1 or 0, unpack(order) }
`,
  },
  "find-existing": {
    head: "#!lua flags=allow-oom",
    uses: ["check_specs", "spec_at", "stored_before", "holder_of_keys"],
    text: `check_specs(1)

local spec = spec_at(1, 0)
return stored_before(spec) or holder_of_keys(spec) or { 'none' }
`,
  },
  "list-running": {
    head: "#!lua flags=no-writes",
    uses: ["leases", "filter_at", "is_wanted", "load_listed", "listed_reply", "is_below"],
    text: `local limit, earliest, latest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time, id, expiry = ARGV[4], ARGV[5], ARGV[6]
local wanted = filter_at(7)
local MOST = 500
local function ranked(job)
job.stem = string.sub(job.id, 1, -33)
job.high = tonumber(string.sub(job.id, -32, -21), 16) or 0
job.middle = tonumber(string.sub(job.id, -20, -9), 16) or 0
job.low = tonumber(string.sub(job.id, -8), 16) or 0
return job
end

local function is_newer(a, b)
if a.at ~= b.at then return a.at > b.at end
if a.stem ~= b.stem then return is_below(b.id, a.id) end
if a.high ~= b.high then return a.high > b.high end
if a.middle ~= b.middle then return a.middle > b.middle end
return a.low > b.low
end

local function next_leases()
local first = expiry ~= '' and '(' .. expiry or '-inf'
local some = redis.call('ZRANGE', leases, first, '+inf', 'BYSCORE', 'LIMIT', 0, MOST, 'WITHSCORES')
local last = #some == 2 * MOST and some[#some] or ''
local ids = last ~= '' and redis.call('ZRANGE', leases, last, last, 'BYSCORE') or {}
for i = 1, #some, 2 do
if some[i + 1] ~= last then ids[#ids + 1] = some[i] end
end
return ids, last
end

local from = time ~= '' and ranked({ at = tonumber(time), id = id }) or nil
local found = {}
local ids, last = next_leases()
for _, held in ipairs(ids) do
local job = load_listed(held)
if job and is_wanted(job, wanted) and job.at >= earliest and job.at <= latest then
job = ranked(job)
if not from or is_newer(from, job) then found[#found + 1] = job end
end
end
table.sort(found, is_newer)

local jobs = {}
for i = 1, math.min(limit, #found) do jobs[i] = listed_reply(found[i], tostring(found[i].at)) end
return { 'page', #found > limit and 1 or 0, #ids, last, unpack(jobs) }
`,
  },
  "list-sorted": {
    head: "#!lua flags=no-writes",
    uses: ["prefix", "error_bytes_left", "filter_at", "is_wanted", "MOST_CHECKED", "load_listed", "listed_reply", "is_below"],
    text: `local set, limit, lowest, highest = prefix .. ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local score, id = ARGV[5], ARGV[6]
local wanted = filter_at(7)
local function rank_behind()
local low = redis.call('ZCOUNT', set, '(' .. score, '+inf')
local high = low + redis.call('ZCOUNT', set, score, score)
while low < high do
local middle = math.floor((low + high) / 2)
if is_below(redis.call('ZRANGE', set, middle, middle, 'REV')[1], id) then
high = middle
else
low = middle + 1
end
end
return low
end

local first = redis.call('ZCOUNT', set, '(' .. highest, '+inf')
if score ~= '' then first = math.max(first, rank_behind()) end
local behind = redis.call('ZCOUNT', set, lowest, '+inf')
local last = math.min(first + MOST_CHECKED, behind) - 1
local entries = first <= last and redis.call('ZRANGE', set, first, last, 'REV', 'WITHSCORES') or {}

local jobs, checked = {}, 0
while checked * 2 < #entries and #jobs < limit and error_bytes_left > 0 do
checked = checked + 1
id, score = entries[checked * 2 - 1], entries[checked * 2]
local job = load_listed(id)
if job and is_wanted(job, wanted) then jobs[#jobs + 1] = listed_reply(job, score) end
end
return { 'page', first + checked < behind and 1 or 0, checked, score, id, unpack(jobs) }
`,
  },
  "list-waiting": {
    head: "#!lua flags=no-writes",
    uses: ["meta", "waiting", "filter_at", "is_wanted", "MOST_CHECKED", "load_listed", "listed_reply"],
    text: `local list, limit, earliest, latest = waiting[ARGV[1]], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local removed = tonumber(redis.call('HGET', meta, 'removed')) or 0
local index_from, id, time = math.max(0, tonumber(ARGV[5]) - removed), ARGV[6], ARGV[7]
local wanted = filter_at(8)
local MOST_SEARCHED = 1000

local first = index_from
if id ~= '' then
local ids = redis.call('LRANGE', list, index_from, index_from + MOST_SEARCHED - 1)
first = nil
for i, other in ipairs(ids) do
if other == id then
first = index_from + i
break
end
end
if not first then return { 'page', #ids == MOST_SEARCHED and 1 or 0, 0, time, id, removed + index_from + #ids } end
end
local function is_stale(job)
if job.round == '1' or time == '' or job.at <= tonumber(time) then return false end
return string.match(job.settled or '', ':release:queued:(%d+)$') ~= job.seq
end

local entries = redis.call('LRANGE', list, first, first + MOST_CHECKED - 1)
local jobs, checked = {}, 0
while checked < #entries and #jobs < limit do
checked = checked + 1
id = entries[checked]
local job = load_listed(id)
if job and job.status == 'queued' and not is_stale(job) then
time = tostring(job.at)
if is_wanted(job, wanted) and job.at >= earliest and job.at <= latest then jobs[#jobs + 1] = listed_reply(job, removed + first + checked - 1) end
end
end
local last = first + checked - 1
return { 'page', redis.call('LLEN', list) > last + 1 and 1 or 0, checked, time, id, removed + last, unpack(jobs) }
`,
  },
  "read-aside": {
    head: "#!lua flags=no-writes",
    uses: ["aside"],
    text: `local limit = tonumber(ARGV[1])

return { 'aside', redis.call('ZCARD', aside), redis.call('ZRANGE', aside, 0, limit - 1, 'REV', 'WITHSCORES') }
`,
  },
  "read-history": {
    head: "#!lua flags=no-writes",
    uses: ["prefix", "text_of", "open_minute", "read_clock"],
    text: `local now, per = read_clock(ARGV[1]), ARGV[2]
local first, last, kind = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local MOST, COST_OF_KEY = 1500, 20
local keys = per == 'minutes' and prefix .. 'minutes:' or prefix .. 'hours:'
local function all_of(key)
local found = redis.pcall('HGETALL', key)
return found.err and {} or found
end

local function lines_in(key)
if kind == '' then return all_of(key) end
local fields, found = {}, {}
for i = 1, per == 'minutes' and 60 or 24 do fields[i] = (i - 1) .. ' ' .. kind end
local lines = redis.pcall('HMGET', key, unpack(fields))
for i = 1, lines.err and 0 or #fields do
if lines[i] then found[#found + 1], found[#found + 2] = fields[i], lines[i] end
end
return found
end

local reply = { 'history', now, first, open_minute or -1, all_of(prefix .. 'totals'), all_of(prefix .. 'history') }
local read, number = 0, first
while number <= last and read < MOST do
local found = lines_in(keys .. text_of(number))
read = read + COST_OF_KEY + #found / 2
if #found > 0 then
table.insert(found, 1, text_of(number))
reply[#reply + 1] = found
end
number = number + 1
end
reply[3] = number
return reply
`,
  },
  read: {
    head: "#!lua flags=no-writes",
    uses: ["job_key", "feed_key", "load_shown"],
    text: `local id = ARGV[1]
local job = load_shown(id)
if not job then return { 'not_found' } end
local progress, output, err = unpack(redis.call('HMGET', job_key(id), 'progress', 'output', 'error'))
local feed = redis.pcall('LRANGE', feed_key(id), 0, -1)
local values = { job.kind, job.owner or '', job.status, job.seq, job.rev, job.at, job.round, job.attempt, job.created_at,
job.run_at or '', progress or '', output or '', err or '', job.cancel_requested or '' }
return { 'job', values, feed.err and {} or feed }
`,
  },
  stats: {
    head: "#!lua flags=no-writes",
    uses: ["meta", "prefix", "PRIORITIES", "waiting", "scheduled", "aside", "grouped", "is_number", "is_paused", "read_clock", "counts", "next_due", "load_shown"],
    text: `local now = read_clock(ARGV[1])
local NAMES = { 'scheduled', 'queued', 'running', 'retrying', 'completed', 'failed', 'cancelled' }
local MOST_QUEUED, MOST_READ = 10, 200

local oldest = ''
local function look_at(ids)
local seen = 0
for i = #ids, 1, -1 do
local job = load_shown(ids[i])
if job and job.status == 'queued' then
if oldest == '' or tonumber(job.at) < tonumber(oldest) then oldest = job.at end
seen = seen + 1
if seen == MOST_QUEUED then return end
end
end
end

for _, priority in ipairs(PRIORITIES) do look_at(redis.call('LRANGE', waiting[priority], -MOST_READ, -1)) end
look_at(redis.call('ZRANGE', grouped, 0, MOST_QUEUED - 1))

local counts, worked = redis.call('HMGET', meta, unpack(NAMES)), redis.call('HGET', meta, 'worked')
for i = 1, #NAMES do counts[i] = counts[i] or '0' end
local next_due = ''
for _, priority in ipairs(PRIORITIES) do
local due = redis.call('ZRANGE', scheduled[priority], 0, 0, 'WITHSCORES')[2]
if due and (next_due == '' or tonumber(due) < tonumber(next_due)) then next_due = due end
end
local totals, open = redis.pcall('HGETALL', prefix .. 'totals'), redis.pcall('HGETALL', prefix .. 'history')
return { 'stats', now, is_paused and 1 or 0, next_due, oldest, redis.call('ZCARD', aside),
is_number(worked) and worked or '', totals.err and {} or totals, open.err and {} or open, unpack(counts) }
`,
  },
  "due-schedules": {
    head: "#!lua flags=allow-oom",
    uses: ["schedules", "instants", "read_clock"],
    text: `local now, limit, most_bytes = read_clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local skipped = {}
for i = 4, #ARGV do skipped[ARGV[i]] = true end
local depth = limit + #ARGV - 3 + 1

local entries = redis.call('ZRANGE', instants, '-inf', now, 'BYSCORE', 'LIMIT', 0, depth, 'WITHSCORES')
local due, bytes, more = {}, 0, 0
for i = 1, #entries, 2 do
local name, instant = entries[i], entries[i + 1]
if #due == limit or bytes >= most_bytes then
more = 1
break
elseif not skipped[name] then
local definition = redis.call('HGET', schedules, name)
if definition then
due[#due + 1], bytes = { name, instant, definition }, bytes + #definition
else
redis.call('ZREM', instants, name)
end
end
end

local following = redis.call('ZRANGE', instants, '(' .. now, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')[2]
return { 'due', now, more, following and following - now or -1, unpack(due) }
`,
  },
  "fire-schedule": {
    head: "#!lua",
    uses: ["schedules", "instants", "idempotency_key", "read_clock", "keep_clock", "finish", "ring", "check_specs", "spec_at", "store"],
    text: `local now, name, expected_at, revision, next_at = read_clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local instant = ARGV[6]
if instant then check_specs(7) end
local spec = instant and spec_at(7, now)
local record = instant and idempotency_key('@' .. name .. ':' .. instant)
local HOUR_MS = 3600000

local definition = redis.call('HGET', schedules, name)
if not definition or string.match(definition, '^[^\\n]*\\n([^\\n]*)') ~= revision then return { 'replaced' } end
if redis.call('ZSCORE', instants, name) ~= expected_at then return { 'passed' } end
local is_fired = record and redis.call('EXISTS', record) == 1

keep_clock(now)
redis.call('ZADD', instants, next_at, name)
if not spec or is_fired then return { 'passed' } end
redis.call('SET', record, spec.id, 'PX', math.max(0, next_at - now) + HOUR_MS)
if store(spec, now) == 'queued' then ring(1) end
finish()
return { 'fired', spec.id }
`,
  },
  "read-schedules": {
    head: "#!lua flags=no-writes",
    uses: ["schedules", "instants", "read_clock"],
    text: `local now = read_clock(ARGV[1])
local names = { unpack(ARGV, 2) }

local found = {}
if #names == 0 then
local entries = redis.call('ZRANGE', instants, 0, -1, 'WITHSCORES')
for i = 1, #entries, 2 do found[#found + 1] = { entries[i], entries[i + 1], '' } end
end
for _, name in ipairs(names) do
local definition = redis.call('HGET', schedules, name)
local next_at = redis.call('ZSCORE', instants, name)
if definition and next_at then found[#found + 1] = { name, next_at, definition } end
end
return { 'schedules', now, redis.call('HLEN', schedules), unpack(found) }
`,
  },
  "remove-schedule": {
    head: "#!lua flags=allow-oom",
    uses: ["schedules", "instants"],
    text: `local name, revision = ARGV[1], ARGV[2]

local definition, next_at = redis.call('HGET', schedules, name), redis.call('ZSCORE', instants, name)
if revision ~= '' and (not definition or string.match(definition, '^[^\\n]*\\n([^\\n]*)') ~= revision) then return { 'none' } end
redis.call('HDEL', schedules, name)
redis.call('ZREM', instants, name)
if not definition then return { 'none' } end
return { 'removed', next_at or '', definition }
`,
  },
  "set-schedule": {
    head: "#!lua",
    uses: ["meta", "schedules", "instants", "is_paused", "ring"],
    text: `local name, definition, next_at, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local function timing_of(text) return string.match(text, '^[^\\n]*') end

local before = redis.call('HGET', schedules, name)
if not before and redis.call('HLEN', schedules) >= most then return { 'too_many' } end
local stored_at = before and redis.call('ZSCORE', instants, name)
if stored_at and timing_of(before) == timing_of(definition) then next_at = math.min(tonumber(stored_at), next_at) end

redis.call('HSET', schedules, name, definition)
redis.call('ZADD', instants, next_at, name)
is_paused = redis.call('HGET', meta, 'paused')
if not before then ring(1) end
return { 'set', next_at }
`,
  },
  compact: {
    head: "#!lua flags=allow-oom",
    uses: ["meta", "PRIORITIES", "waiting", "grouped", "compacted", "job_key", "PLACES", "status_of"],
    text: `local limit = tonumber(ARGV[1])
local AT_LEAST = 1000
local function read_state()
local at, seen = string.match(redis.call('HGET', meta, 'compacting') or '', '^([1-4]) (%d+)$')
return tonumber(at), tonumber(seen)
end

local function is_worthwhile()
local ids = 0
for _, priority in ipairs(PRIORITIES) do ids = ids + redis.call('LLEN', waiting[priority]) end
local useful = (tonumber(redis.call('HGET', meta, 'queued')) or 0) - redis.call('ZCARD', grouped)
return ids - useful >= AT_LEAST and ids > 2 * useful
end
local function is_useful(id)
local status = status_of(id)
if PLACES[status] then return status == 'queued' end
return redis.call('EXISTS', job_key(id)) == 1
end

local at, seen = read_state()
if not at then
redis.call('DEL', compacted)
if not is_worthwhile() then return { 'compacted', 0, 0 } end
at, seen = 1, 0
end

local list = waiting[PRIORITIES[at]]
local ids = redis.call('LRANGE', list, -(seen + limit), -(seen + 1))
local is_copied = {}
for i = #ids, 1, -1 do
local id = ids[i]
if not is_copied[id] and is_useful(id) then
is_copied[id] = true
redis.call('LPUSH', compacted, id)
end
end
seen = seen + #ids

local removed = 0
if #ids < limit then
removed = seen - redis.call('LLEN', compacted)
redis.call('DEL', list)
if redis.call('EXISTS', compacted) == 1 then redis.call('RENAME', compacted, list) end
redis.call('HSET', meta, 'removed', (tonumber(redis.call('HGET', meta, 'removed')) or 0) + removed)
at, seen = at + 1, 0
end
if at > #PRIORITIES then
redis.call('HDEL', meta, 'compacting')
return { 'compacted', removed, 0 }
end
redis.call('HSET', meta, 'compacting', at .. ' ' .. seen)
return { 'compacted', removed, 1 }
`,
  },
  condemn: {
    head: "#!lua flags=allow-oom",
    uses: ["leases", "unique", "waiting", "scheduled", "expiring", "suspects", "aside", "job_key", "idempotency_key", "slots_key", "is_number", "mending", "read_clock", "keep_clock", "finish", "ring", "wake", "MARKS", "PLACES", "inspect", "fixed_of", "options_of", "damage_of_rest", "status_of", "note_error", "count_stored", "enter", "move", "newest_event", "uncount", "erase_keys", "mend_numbers"],
    text: `local now, limit, err, remember = read_clock(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local most_aside, aside_ms = tonumber(ARGV[5]), tonumber(ARGV[6])

local SAFE = { round = 1, attempt = 0, attempts = 1, rev = 0, at = now, fence = now, created_at = now, version = 1 }
local COUNTERS = { waiting = 'queued', scheduled = 'scheduled', leases = 'running' }

local function fail_corrupt(job)
local id = job.id
for field, value in pairs(SAFE) do
if not is_number(job[field]) then job[field] = value end
end
if not is_number(job.seq) then job.seq = newest_event(id) or 1 end
if not waiting[job.priority] then job.priority = 'normal' end
job.kind = job.kind or string.match(id, '^(.+)_%x+$') or 'unknown'
for _, mark in ipairs(MARKS) do job[mark] = nil end
local options = string.gsub(string.gsub(options_of(job), '\\ntags=[^\\n]*', ''), '\\ndepth=[^\\n]*', '')
redis.call('HDEL', job_key(id), 'progress')
note_error(job, now, err)
move(job, 'failed', now, {
is_untimed = true,
payload = err,
remember = remember,
fields = { 'error', err, 'error_code', 'corrupt', 'job', fixed_of(job) .. options },
})
end
local function set_aside(id, job, place, damage)
local _, last_status = newest_event(id)
local entry = id .. '\\n' .. place .. '\\n' .. damage
if PLACES[last_status] and PLACES[last_status] ~= place then return false end
if redis.call('ZSCORE', aside, entry) then return false end
if COUNTERS[place] then uncount(id, place, COUNTERS[place]) end
if job.unique and redis.call('HGET', unique, job.unique) == id then redis.call('HDEL', unique, job.unique) end
if job.concurrency then
mending('SREM', slots_key(job.concurrency), id)
wake(job.concurrency)
end
local record = job.idempotency and idempotency_key(job.idempotency)
local kept = record and mending('GET', record)
if kept and string.sub(kept, 1, #id + 1) == id .. '\\n' then redis.call('PEXPIRE', record, remember) end
count_stored(job, -1)
redis.call('ZREM', expiring, id)
redis.call('ZADD', aside, now, entry)
return true
end

local function drop_aside(entries)
for _, entry in ipairs(entries) do
redis.call('ZREM', aside, entry)
local id = string.match(entry, '^[^\\n]*')
if not PLACES[status_of(id)] then erase_keys(id) end
end
end

local mended = mend_numbers()
local found = redis.call('ZRANGE', suspects, 0, limit - 1)
local failures, put_aside, ended = 0, 0, {}
for _, entry in ipairs(found) do
local place, id = string.match(entry, '^(%w+)\\n(.*)$')
redis.call('ZREM', suspects, entry)
local job, damage = inspect(id)
if job and not job.status then
if set_aside(id, job, place, damage) then put_aside = put_aside + 1 end
elseif job and PLACES[job.status] == place then
damage = damage or damage_of_rest(job)
if damage then
fail_corrupt(job)
failures = failures + 1
ended[failures] = id
else
enter(job, job.status, now, { front = true, due = now, expires = now })
ring(1)
end
end
end
drop_aside(redis.call('ZRANGE', aside, '-inf', now - aside_ms, 'BYSCORE', 'LIMIT', 0, limit))
local over = redis.call('ZCARD', aside) - most_aside
if over > 0 then drop_aside(redis.call('ZRANGE', aside, 0, math.min(over, limit) - 1)) end
if failures + put_aside + mended > 0 then keep_clock(now) end
finish()
return { 'condemned', failures, put_aside, #found == limit and 1 or 0, ended }
`,
  },
  expire: {
    head: "#!lua flags=allow-oom",
    uses: ["expiring", "read_clock", "keep_clock", "finish", "group_of", "drop_grouped", "load_job", "expire"],
    text: `local now, limit, remember = read_clock(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local late = redis.call('ZRANGE', expiring, '-inf', '(' .. now, 'BYSCORE', 'LIMIT', 0, limit)
local expired, ended = 0, {}
for _, id in ipairs(late) do
local job = load_job(id)
if job and (job.status == 'queued' or job.status == 'scheduled') then
local group = job.status == 'queued' and group_of(job)
expire(job, now, remember)
if group then drop_grouped(group, job) end
expired = expired + 1
ended[expired] = id
else
redis.call('ZREM', expiring, id)
end
end
if expired > 0 then keep_clock(now) end
finish()
return { 'expired', expired, #late == limit and 1 or 0, ended }
`,
  },
  open: {
    head: "#!lua flags=allow-oom",
    uses: ["meta", "prefix"],
    text: `local known, keys = tonumber(ARGV[1]), { unpack(ARGV, 2) }

for _, one in ipairs(keys) do
local name, expected = string.match(one, '^(%S+) (%S+)$')
local found = redis.call('TYPE', prefix .. name).ok
if found ~= 'none' and found ~= expected then return { 'damaged', prefix .. name, found } end
end
local layout = tonumber(redis.call('HGET', meta, 'layout') or '0')
if layout > known then return { 'newer', layout } end
if layout > 0 and layout < known then return { 'older', layout } end
if layout < known then redis.call('HSET', meta, 'layout', known) end
return { 'opened' }
`,
  },
  pause: {
    head: "#!lua flags=allow-oom",
    uses: ["meta", "bell"],
    text: `redis.call('HSET', meta, 'paused', '1')
redis.call('DEL', bell)
return { 'paused' }
`,
  },
  promote: {
    head: "#!lua flags=allow-oom",
    uses: ["meta", "PRIORITIES", "parked", "read_clock", "keep_clock", "finish", "ring", "PARKED_MS", "unpark", "next_due", "promote_due", "note_worker"],
    text: `local now, limit = read_clock(ARGV[1]), tonumber(ARGV[2])

note_worker(redis.call('HGET', meta, 'worked'), now)
local promoted, left = 0, limit
for _, priority in ipairs(PRIORITIES) do
local queued, taken = promote_due(priority, now, left)
promoted, left = promoted + queued, left - taken
end

local unparked = 0
for _, group in ipairs(redis.call('ZRANGE', parked, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)) do
if unpark(group) then unparked = unparked + 1 end
end
for _, group in ipairs(redis.call('ZRANGE', parked, '(' .. (now + PARKED_MS), '+inf', 'BYSCORE', 'LIMIT', 0, limit)) do
if unpark(group) then unparked = unparked + 1 end
end

if promoted > 0 then keep_clock(now) end
ring(promoted + unparked)
finish()
return { 'promoted', promoted, next_due(now, true, true) }
`,
  },
  prune: {
    head: "#!lua flags=allow-oom",
    uses: ["meta", "leases", "completed", "failed", "PRIORITIES", "waiting", "scheduled", "suspects", "grouped", "outstanding", "read_clock", "keep_clock", "count", "PLACES", "status_of", "unindex", "FINISHED", "erase", "uncount", "erase_keys"],
    text: `local now, limit = read_clock(ARGV[1]), tonumber(ARGV[2])
local keep = {
{ set = completed, place = 'completed', age = tonumber(ARGV[3]), count = tonumber(ARGV[4]) },
{ set = failed, place = 'failed', age = tonumber(ARGV[5]), count = tonumber(ARGV[6]) },
}
local FLOOR_MS = 60000

local function prune(id, kept)
local status = status_of(id)
if not FINISHED[status] then
redis.call('ZREM', kept.set, id)
if not PLACES[status] then
unindex(id, uncount(id, kept.place, kept.place))
erase_keys(id)
end
return 0
end
erase(id, status)
return 1
end
local function is_idle()
if redis.call('EXISTS', leases, grouped, suspects) > 0 then return false end
for _, priority in ipairs(PRIORITIES) do
if redis.call('EXISTS', waiting[priority], scheduled[priority]) > 0 then return false end
end
return true
end

local pruned, more = 0, 0
for _, kept in ipairs(keep) do
local left = limit - pruned
local old = redis.call('ZRANGE', kept.set, '-inf', now - kept.age, 'BYSCORE', 'LIMIT', 0, left)
local over = math.min(redis.call('ZCARD', kept.set) - kept.count, left)
if over > #old then
old = redis.call('ZRANGE', kept.set, '-inf', now - FLOOR_MS, 'BYSCORE', 'LIMIT', 0, over)
end
if #old == left then more = 1 end
for _, id in ipairs(old) do pruned = pruned + prune(id, kept) end
end
if redis.call('EXISTS', outstanding) == 1 and is_idle() then
redis.call('DEL', outstanding)
redis.call('HSET', meta, 'scheduled', 0, 'queued', 0, 'running', 0, 'retrying', 0)
end
if pruned > 0 then keep_clock(now) end
return { 'pruned', pruned, more }
`,
  },
  reclaim: {
    head: "#!lua flags=allow-oom",
    uses: ["leases", "read_clock", "keep_clock", "finish", "load_job", "note_error", "move", "suspect"],
    text: `local now, limit, longest = read_clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local err, remember, code = ARGV[4], ARGV[5], ARGV[6]
local too_long = redis.call('ZRANGE', leases, '(' .. (now + longest), '+inf', 'BYSCORE', 'LIMIT', 0, limit)
for _, id in ipairs(too_long) do redis.call('ZADD', leases, 'XX', now + longest, id) end

local expired = redis.call('ZRANGE', leases, '-inf', '(' .. now, 'BYSCORE', 'LIMIT', 0, limit)
local reclaimed, ended = 0, {}
for _, id in ipairs(expired) do
local job, damage = load_job(id)
if job and job.status == 'running' then
local attempt = tonumber(job.attempt)
local to = 'failed'
if job.cancel_requested then
to = 'cancelled'
elseif attempt < tonumber(job.attempts) then
to = 'retrying'
end
job.fence = job.fence + 1
note_error(job, now, err)
move(job, to, now, {
is_lost = true,
due = now + math.min(60000, 1000 * 2 ^ (attempt - 1)),
payload = to ~= 'cancelled' and err or '',
remember = remember,
fields = { 'error', err, 'error_code', code },
})
reclaimed = reclaimed + 1
if to ~= 'retrying' then ended[#ended + 1], ended[#ended + 2] = id, to end
else
redis.call('ZREM', leases, id)
if damage then suspect(id, 'leases', now) end
end
end
if reclaimed + #too_long > 0 then keep_clock(now) end
finish()
return { 'reclaimed', reclaimed, (#expired == limit or #too_long == limit) and 1 or 0, ended }
`,
  },
  remove: {
    head: "#!lua flags=allow-oom",
    uses: ["status_of", "FINISHED", "erase"],
    text: `local id = ARGV[1]

local status = status_of(id)
if status and not FINISHED[status] then return { 'not_finished' } end
if status then erase(id, status) end
return { 'removed' }
`,
  },
  resume: {
    head: "#!lua flags=allow-oom",
    uses: ["meta", "ring"],
    text: `if redis.call('HGET', meta, 'obliterating') then return { 'obliterating' } end
if redis.call('HDEL', meta, 'paused') == 1 then ring(tonumber(redis.call('HGET', meta, 'queued') or '0')) end
return { 'resumed' }
`,
  },
  "run-now": {
    head: "#!lua flags=allow-oom",
    uses: ["read_clock", "keep_clock", "finish", "ring", "load_job", "move"],
    text: `local now, id = read_clock(ARGV[1]), ARGV[2]

local job = load_job(id)
if not job then return { 'not_found' } end
if job.status == 'queued' or job.status == 'running' then return { 'queued' } end
if job.status ~= 'scheduled' and job.status ~= 'retrying' then return { 'not_waiting' } end

keep_clock(now)
move(job, 'queued', now, {})
ring(1)
finish()
return { 'queued' }
`,
  },
  beat: {
    head: "#!lua flags=allow-oom",
    uses: ["last_seen", "roster", "records", "drained", "GONE_MS", "time_now", "strike"],
    text: `local now, entry, record, started = time_now(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local MOST_STRUCK, ASKED_MS = 10, 86400000

local gone = redis.call('ZRANGE', last_seen, '-inf', now - GONE_MS, 'BYSCORE', 'LIMIT', 0, MOST_STRUCK)
for _, one in ipairs(redis.call('ZRANGE', last_seen, now + GONE_MS, '+inf', 'BYSCORE', 'LIMIT', 0, MOST_STRUCK)) do
gone[#gone + 1] = one
end
for _, one in ipairs(gone) do strike(one) end
for _, one in ipairs(redis.call('ZRANGE', drained, '-inf', now - ASKED_MS, 'BYSCORE', 'LIMIT', 0, MOST_STRUCK)) do
if one ~= entry and not redis.call('ZSCORE', last_seen, one) then redis.call('ZREM', drained, one) end
end

redis.call('ZADD', last_seen, now, entry)
redis.call('ZADD', roster, 0, entry)
redis.call('HSET', records, entry, (started ~= '' and started or now) .. '\\n' .. record)
return { 'seen', now, redis.call('ZSCORE', drained, entry) and 1 or 0 }
`,
  },
  "drain-workers": {
    head: "#!lua flags=allow-oom",
    uses: ["last_seen", "registry", "roster", "drained", "time_now", "is_there"],
    text: `local now, name, limit, after = time_now(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]

local first = after ~= '' and '(' .. after or '[' .. name .. ' '
local entries = redis.call('ZRANGE', roster, first, '(' .. name .. '!', 'BYLEX', 'LIMIT', 0, limit)
local next_entry = #entries == limit and entries[limit] or ''
local asked, ids = {}, {}
if #entries > 0 then
local times = redis.call('ZMSCORE', last_seen, unpack(entries))
for i, entry in ipairs(entries) do
if is_there(times[i], now) then
asked[#asked + 1] = now
asked[#asked + 1] = entry
ids[#ids + 1] = string.sub(entry, #name + 2)
end
end
end
if #ids == 0 then return { 'asked', 0, next_entry } end
redis.call('ZADD', drained, 'NX', unpack(asked))
redis.call('PUBLISH', registry .. 'asked', 'drain\\n' .. table.concat(ids, '\\n'))
return { 'asked', #ids, next_entry }
`,
  },
  leave: {
    head: "#!lua flags=allow-oom",
    uses: ["drained", "strike"],
    text: `local entry = ARGV[1]

strike(entry)
redis.call('ZREM', drained, entry)
return { 'left' }
`,
  },
  "list-workers": {
    head: "#!lua flags=no-writes",
    uses: ["last_seen", "roster", "records", "drained", "GONE_MS", "time_now", "is_there"],
    text: `local now, limit, after = time_now(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local total = redis.call('ZCOUNT', last_seen, '(' .. (now - GONE_MS), '(' .. (now + GONE_MS))
local first = after ~= '' and '(' .. after or '-'
local entries = redis.call('ZRANGE', roster, first, '+', 'BYLEX', 'LIMIT', 0, limit)
local reply = { 'workers', now, total, #entries == limit and entries[limit] or '' }
if #entries == 0 then return reply end

local times = redis.call('ZMSCORE', last_seen, unpack(entries))
local asked = redis.call('ZMSCORE', drained, unpack(entries))
local texts_of = redis.call('HMGET', records, unpack(entries))
for i, entry in ipairs(entries) do
if is_there(times[i], now) and texts_of[i] then
local n = #reply
reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = entry, times[i], asked[i] and 1 or 0, texts_of[i]
end
end
return reply
`,
  },
} as const satisfies Record<string, LuaScript>;
