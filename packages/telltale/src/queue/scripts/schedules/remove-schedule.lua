#!lua flags=allow-oom
-- remove-schedule: nothing more is fired of it. The jobs it made stay.
--
-- ARGV  1 name
-- Reply {'removed'} | {'none'}, also where a re-sent call finds its own work done

local name = ARGV[1]

local removed = redis.call('HDEL', schedules, name)
redis.call('ZREM', instants, name)
return { removed == 1 and 'removed' or 'none' }
