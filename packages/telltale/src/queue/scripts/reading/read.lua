#!lua flags=no-writes
-- read: a job and its feed, read atomically. Watchers start with it.
--
-- ARGV  1 id
-- Reply {'job', {value, …} in the order of NAMES, feed} | {'not_found'}; absent values are ''. The input is left out.

local id = ARGV[1]
local NAMES = {
  'kind', 'owner', 'status', 'seq', 'rev', 'at', 'round', 'attempt', 'created_at', 'run_at', 'progress', 'output',
  'error', 'cancel_requested',
}

local values = redis.pcall('HMGET', job_key(id), unpack(NAMES))
-- A record that cannot be read is reported as not found. The script that next meets it in its place reports it to `condemn`.
if not is_readable(values) then return { 'not_found' } end
for i = 1, #NAMES do values[i] = values[i] or '' end
local feed = redis.pcall('LRANGE', feed_key(id), 0, -1)
return { 'job', values, feed.err and {} or feed }
