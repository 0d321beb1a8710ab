#!lua flags=no-writes
-- stats: the statistics of a queue.
--
-- ARGV  1 clock
-- Reply {'stats', now, paused 0|1, next due time or '', when the oldest waiting job was queued or '', number of jobs set aside,
--       when a worker last claimed, to within 10 s, or '', {kind, line …} of all time and {number and kind, count …} of the open minute
--       (see lib/history.lua), number of jobs by status …} in the order of NAMES
--
-- The job that has waited longest is near the claiming end of its list. Jobs that were given back may precede it, and ids of jobs that
-- were cancelled while they waited.

local now = read_clock(ARGV[1])
local NAMES = { 'scheduled', 'queued', 'running', 'retrying', 'completed', 'failed', 'cancelled' }
local MOST_QUEUED, MOST_READ = 10, 200

local oldest = ''

-- Reads ids in the order of a list, from its last to its first.
local function look_at(ids)
  local seen = 0
  for i = #ids, 1, -1 do
    local job = load_shown(ids[i])
    if job and job.status == 'queued' then
      if oldest == '' or tonumber(job.at) < tonumber(oldest) then oldest = job.at end
      seen = seen + 1
      if seen == MOST_QUEUED then return end
    end
  end
end

for _, priority in ipairs(PRIORITIES) do look_at(redis.call('LRANGE', waiting[priority], -MOST_READ, -1)) end
look_at(redis.call('ZRANGE', grouped, 0, MOST_QUEUED - 1))

local counts, worked = redis.call('HMGET', meta, unpack(NAMES)), redis.call('HGET', meta, 'worked')
for i = 1, #NAMES do counts[i] = counts[i] or '0' end
local next_due = ''
for _, priority in ipairs(PRIORITIES) do
  local due = redis.call('ZRANGE', scheduled[priority], 0, 0, 'WITHSCORES')[2]
  if due and (next_due == '' or tonumber(due) < tonumber(next_due)) then next_due = due end
end
local totals, open = redis.pcall('HGETALL', prefix .. 'totals'), redis.pcall('HGETALL', prefix .. 'history')
return { 'stats', now, is_paused and 1 or 0, next_due, oldest, redis.call('ZCARD', aside),
  is_number(worked) and worked or '', totals.err and {} or totals, open.err and {} or open, unpack(counts) }
