#!lua
-- set-schedule: keeps a schedule under its name, in place of what stood there. No allow-oom: it makes jobs.
--
-- ARGV  1 name   2 definition (its first line is the timing, its second the revision)   3 next instant
--       4 most a queue may hold
-- Reply {'set', next instant} | {'too_many'}
--
-- While the timing stays the same, an instant that is due stays due: processes set their schedules whenever they start,
-- and that must not swallow what was missed while none ran. An instant further off than the next one by the clock was
-- reckoned before the clock was set back.

local name, definition, next_at, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local function timing_of(text) return string.match(text, '^[^\n]*') end

local before = redis.call('HGET', schedules, name)
if not before and redis.call('HLEN', schedules) >= most then return { 'too_many' } end
local stands_at = before and redis.call('ZSCORE', instants, name)
if stands_at and timing_of(before) == timing_of(definition) then next_at = math.min(tonumber(stands_at), next_at) end

redis.call('HSET', schedules, name, definition)
redis.call('ZADD', instants, next_at, name)
return { 'set', next_at }
