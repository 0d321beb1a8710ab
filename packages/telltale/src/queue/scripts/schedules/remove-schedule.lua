#!lua flags=allow-oom
-- remove-schedule: deletes a schedule. Its jobs are kept.
--
-- ARGV  1 name   2 the revision that it must have, or '' for any
-- Reply {'removed', next time, definition} | {'none'}; 'none' also for a call that is sent again

local name, revision = ARGV[1], ARGV[2]

local definition, next_at = redis.call('HGET', schedules, name), redis.call('ZSCORE', instants, name)
if revision ~= '' and (not definition or string.match(definition, '^[^\n]*\n([^\n]*)') ~= revision) then return { 'none' } end
redis.call('HDEL', schedules, name)
redis.call('ZREM', instants, name)
if not definition then return { 'none' } end
return { 'removed', next_at or '', definition }
