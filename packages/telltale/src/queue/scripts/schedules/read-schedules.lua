#!lua flags=no-writes
-- read-schedules: schedules with the given names, and Redis's time.
--
-- ARGV  1 clock   then names; without any, all schedules of the queue, but without definitions, which can be 16 MB together
-- Reply {'schedules', now, number of the queue's schedules, {name, next time, definition or ''}...}

local now = read_clock(ARGV[1])
local names = { unpack(ARGV, 2) }

local found = {}
if #names == 0 then
  local entries = redis.call('ZRANGE', instants, 0, -1, 'WITHSCORES')
  for i = 1, #entries, 2 do found[#found + 1] = { entries[i], entries[i + 1], '' } end
end
for _, name in ipairs(names) do
  local definition = redis.call('HGET', schedules, name)
  local next_at = redis.call('ZSCORE', instants, name)
  if definition and next_at then found[#found + 1] = { name, next_at, definition } end
end
return { 'schedules', now, redis.call('HLEN', schedules), unpack(found) }
