#!lua flags=no-writes
-- detail: a job with its options and the errors of its attempts, read atomically.
--
-- ARGV  1 id
-- Reply {'job', {value, …} in the order of NAMES, due time or '', errors, the feed's last line in a list} | {'not_found'};
--       absent values are ''

local id = ARGV[1]
local NAMES = {
  'kind', 'owner', 'status', 'seq', 'rev', 'at', 'round', 'attempt', 'created_at', 'progress', 'output', 'error',
  'cancel_requested', 'tags', 'priority', 'attempts',
}

local values = redis.pcall('HMGET', job_key(id), unpack(NAMES))
if not is_readable(values) then return { 'not_found' } end
for i = 1, #NAMES do values[i] = values[i] or '' end
local errors, newest = redis.pcall('LRANGE', errors_key(id), 0, -1), redis.pcall('LRANGE', feed_key(id), -1, -1)
local delayed = scheduled[values[15]]
local due = delayed and redis.call('ZSCORE', delayed, id) or ''
return { 'job', values, due, errors.err and {} or errors, newest.err and {} or newest }
