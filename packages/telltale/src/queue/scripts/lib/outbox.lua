-- What a script says is collected and published after its last write: a script is not rolled back when it fails, and
-- nobody must hear of what was not written.
local outbox = {}

local function announce(channel, message) outbox[#outbox + 1] = { channel, message } end

local function publish_all()
  for _, said in ipairs(outbox) do redis.call('PUBLISH', said[1], said[2]) end
end

-- Wakes idle workers: at most one ring per job, never more than 64 kept, so that an unheard bell stays small, and none
-- while the queue is paused.
local function ring(jobs)
  if jobs < 1 or redis.call('HEXISTS', meta, 'paused') == 1 then return end
  local room = 64 - redis.call('LLEN', bell)
  for _ = 1, math.min(jobs, room) do redis.call('LPUSH', bell, '1') end
end
