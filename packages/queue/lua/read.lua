#!lua flags=no-writes
-- read: one job and its feed, as of one moment. What a watcher starts from.
--
-- ARGV  1 id
-- Reply {'job', {value, …} in the order of NAMES, feed} | {'not_found'}; an absent value is ''. The input is left out.

local id = ARGV[1]
local NAMES = {
  'kind', 'owner', 'status', 'seq', 'rev', 'at', 'round', 'attempt', 'created_at', 'run_at', 'progress', 'output',
  'error', 'cancel_requested',
}

local values = redis.pcall('HMGET', job_key(id), unpack(NAMES))
-- One whose record cannot be read is nobody's: who meets it in its place decides about it.
if values.err or not values[1] or not PLACES[values[3]] then return { 'not_found' } end
for _, i in ipairs({ 4, 5, 6, 7, 8, 9 }) do
  if not is_number(values[i]) then return { 'not_found' } end
end
for i = 1, #NAMES do values[i] = values[i] or '' end
return { 'job', values, redis.call('LRANGE', feed_key(id), 0, -1) }
