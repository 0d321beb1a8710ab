#!lua
-- fire-schedule: none -> queued, by a schedule. Moves the schedule to its next time, and creates a job for a due time, if there is
-- one to create. No allow-oom: a full Redis refuses new work, and the schedule stays due.
--
-- ARGV  1 clock   2 name   3 time of the schedule, as the caller read it   4 revision   5 next time
--       then, if there is a job:   6 its time   then its arguments, see lib/store.lua
-- Reply {'fired', id} | {'passed'} | {'replaced'}
--
-- Any worker may fire a schedule, and each time creates at most one job: the first caller moves the schedule to its next time, and all
-- others, including a call that is sent again, get 'passed'. If the clock is set back, the same time comes again, and the schedule may
-- have been replaced in between. So a fired time is remembered until one hour after the next time.

local now, name, expected_at, revision, next_at = read_clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local instant = ARGV[6]
if instant then check_specs(7) end
local spec = instant and spec_at(7, now)
-- Kinds do not start with @, so no caller's idempotency key has this scope. Times contain no colons, so no other schedule has it.
local record = instant and idempotency_key('@' .. name .. ':' .. instant)
local HOUR_MS = 3600000

local definition = redis.call('HGET', schedules, name)
if not definition or string.match(definition, '^[^\n]*\n([^\n]*)') ~= revision then return { 'replaced' } end
if redis.call('ZSCORE', instants, name) ~= expected_at then return { 'passed' } end
local is_fired = record and redis.call('EXISTS', record) == 1

keep_clock(now)
redis.call('ZADD', instants, next_at, name)
if not spec or is_fired then return { 'passed' } end
redis.call('SET', record, spec.id, 'PX', math.max(0, next_at - now) + HOUR_MS)
if store(spec, now) == 'queued' then ring(1) end
finish()
return { 'fired', spec.id }
