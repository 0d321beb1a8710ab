#!lua
-- fire-schedule: none -> queued, by a schedule: it moves on from where it stands, making a job of an instant it passes,
-- if of any. No allow-oom: a full Redis takes no new work, and the schedule stays where it is.
--
-- ARGV  1 clock   2 name   3 instant it stands at   4 revision   5 next instant
--       then, where there is to be a job:   6 its instant   7 names of what describes it   then as many, see lib/store.lua
-- Reply {'fired', id} | {'passed'} | {'replaced'}
--
-- Anyone may fire, and each instant makes one job at most: the first to come moves the schedule on, and whoever saw it
-- stand there too, a re-sent call among them, is told that it has passed. Where the clock was set back an instant comes
-- twice, and the schedule may have been set anew since: that it was fired is remembered until it can no longer be the last
-- one to pass, by the very clock that was set back, and an hour more.

local now, name, stood_at, revision, next_at = read_clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local instant = ARGV[6]
local spec = instant and spec_at(spec_names(7), 8, now)
-- No kind begins with @, so no caller's key makes this scope; and no instant has a colon, so no other name does.
local record = instant and idempotency_key('@' .. name .. ':' .. instant)
local HOUR_MS = 3600000

local definition = redis.call('HGET', schedules, name)
if not definition or string.match(definition, '^[^\n]*\n([^\n]*)') ~= revision then return { 'replaced' } end
if redis.call('ZSCORE', instants, name) ~= stood_at then return { 'passed' } end
local is_fired = record and redis.call('EXISTS', record) == 1

keep_clock(now)
redis.call('ZADD', instants, next_at, name)
if not spec or is_fired then return { 'passed' } end
redis.call('SET', record, spec.id, 'PX', math.max(0, next_at - now) + HOUR_MS)
if store(spec, now) == 'queued' then ring(1) end
publish_all()
return { 'fired', spec.id }
