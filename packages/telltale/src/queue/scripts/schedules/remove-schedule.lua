#!lua flags=allow-oom
-- remove-schedule: deletes a schedule. Its jobs are kept.
--
-- ARGV  1 name
-- Reply {'removed', time at which it would have fired next} | {'none'}; 'none' also for a call that is sent again

local name = ARGV[1]

local next_at = redis.call('ZSCORE', instants, name) or '0'
local removed = redis.call('HDEL', schedules, name)
redis.call('ZREM', instants, name)
if removed == 0 then return { 'none' } end
return { 'removed', next_at }
