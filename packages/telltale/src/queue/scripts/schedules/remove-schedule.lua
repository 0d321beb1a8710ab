#!lua flags=allow-oom
-- remove-schedule: deletes a schedule. Its jobs are kept.
--
-- ARGV  1 name
-- Reply {'removed', next time, definition} | {'none'}; 'none' also for a call that is sent again

local name = ARGV[1]

local definition, next_at = redis.call('HGET', schedules, name), redis.call('ZSCORE', instants, name)
redis.call('HDEL', schedules, name)
redis.call('ZREM', instants, name)
if not definition then return { 'none' } end
return { 'removed', next_at or '', definition }
