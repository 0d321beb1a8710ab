-- Messages are collected and published after the last write of a script. A script that fails is not rolled back, and no message may
-- report something that was not written.
local outbox = {}

local function announce(channel, message) outbox[#outbox + 1] = { channel, message } end

local function publish_all()
  for _, said in ipairs(outbox) do redis.call('PUBLISH', said[1], said[2]) end
end

-- Wakes idle workers with at most one ring per job, and none while the queue is paused. At most 64 rings are kept, so that the list
-- stays small if no worker is listening.
local function ring(jobs)
  if jobs < 1 or redis.call('HEXISTS', meta, 'paused') == 1 then return end
  local room = 64 - redis.call('LLEN', bell)
  for _ = 1, math.min(jobs, room) do redis.call('LPUSH', bell, '1') end
end
