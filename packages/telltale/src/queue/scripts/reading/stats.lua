#!lua flags=no-writes
-- stats: the statistics of a queue.
--
-- ARGV  1 clock
-- Reply {'stats', now, paused 0|1, next due time or '', when the oldest waiting job was queued or '', number of jobs set aside,
--       number of jobs by status …} in the order of NAMES
--
-- The job that has waited longest is near the claiming end of its list. Cancelled jobs and jobs that were given back may precede it.

local now = read_clock(ARGV[1])
local NAMES = { 'scheduled', 'queued', 'running', 'retrying', 'completed', 'failed', 'cancelled' }
local MOST_CHECKED = 10

local oldest = ''
for _, list in pairs(waiting) do
  for _, id in ipairs(redis.call('LRANGE', list, -MOST_CHECKED, -1)) do
    local status, at = unpack(redis.pcall('HMGET', job_key(id), 'status', 'at'))
    if status == 'queued' and is_number(at) and (oldest == '' or tonumber(at) < tonumber(oldest)) then oldest = at end
  end
end

local counts = redis.call('HMGET', meta, unpack(NAMES))
for i = 1, #NAMES do counts[i] = counts[i] or '0' end
local next_due = ''
for _, set in pairs(scheduled) do
  local due = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')[2]
  if due and (next_due == '' or tonumber(due) < tonumber(next_due)) then next_due = due end
end
return { 'stats', now, redis.call('HEXISTS', meta, 'paused'), next_due, oldest, redis.call('ZCARD', aside),
  unpack(counts) }
