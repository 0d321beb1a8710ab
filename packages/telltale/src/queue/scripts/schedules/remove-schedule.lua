#!lua flags=allow-oom
-- remove-schedule: deletes a schedule. Its jobs are kept.
--
-- ARGV  1 name
-- Reply {'removed'} | {'none'}; 'none' also for a call that is sent again

local name = ARGV[1]

local removed = redis.call('HDEL', schedules, name)
redis.call('ZREM', instants, name)
return { removed == 1 and 'removed' or 'none' }
