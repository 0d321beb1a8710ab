#!lua
-- set-schedule: creates or replaces the schedule of a name. No allow-oom, because a schedule creates jobs.
--
-- ARGV  1 name   2 definition (its first line is the timing, its second the revision)   3 next time
--       4 max schedules of a queue
-- Reply {'set', next time} | {'too_many'}
--
-- If the timing does not change, a due time stays due. Processes set their schedules at each start, which must not drop times that
-- were missed while no process was running. A stored time that is later than the next one was computed before the clock was set back,
-- so it is replaced.

local name, definition, next_at, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local function timing_of(text) return string.match(text, '^[^\n]*') end

local before = redis.call('HGET', schedules, name)
if not before and redis.call('HLEN', schedules) >= most then return { 'too_many' } end
local stored_at = before and redis.call('ZSCORE', instants, name)
if stored_at and timing_of(before) == timing_of(definition) then next_at = math.min(tonumber(stored_at), next_at) end

redis.call('HSET', schedules, name, definition)
redis.call('ZADD', instants, next_at, name)
-- An idle worker of a queue without schedules looks rarely whether there are any.
-- For `ring`. Other scripts read it with the clock.
is_paused = redis.call('HGET', meta, 'paused')
if not before then ring(1) end
return { 'set', next_at }
