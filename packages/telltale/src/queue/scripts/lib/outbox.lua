-- Messages are collected and published after the last write of a script. Redis does not roll back a script that fails, and no
-- message may report something that was not written.
local outbox = {}

-- Changes of the counters of `meta` are collected too, because a script often moves many jobs between the same statuses.
local counts = {}

local function count(status, n) counts[status] = (counts[status] or 0) + n end

local function write_counts()
  for status, n in pairs(counts) do
    if n ~= 0 then redis.call('HINCRBY', meta, status, n) end
  end
  counts = {}
end

local function announce(channel, message) outbox[#outbox + 1] = { channel, message } end

-- Call it after the last other write.
local function publish_all()
  write_counts()
  for _, message in ipairs(outbox) do redis.call('PUBLISH', message[1], message[2]) end
end

-- Wakes idle workers with at most one ring per job, and none while the queue is paused. At most 64 rings are kept, so that the list
-- stays small if no worker is listening.
local function ring(jobs)
  if jobs < 1 or redis.call('HEXISTS', meta, 'paused') == 1 then return end
  local room = 64 - redis.call('LLEN', bell)
  for _ = 1, math.min(jobs, room) do redis.call('LPUSH', bell, '1') end
end
