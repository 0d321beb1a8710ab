#!lua flags=allow-oom
-- prune: completed, failed, cancelled -> none, by retention; oldest first, in bounded steps.
--
-- ARGV  1 clock   2 max jobs   3 completed: max age ms   4 completed: max count   5 failed and cancelled: max age ms
--       6 failed and cancelled: max count
-- Reply {'pruned', number of jobs, whether more may be due 0|1}
--
-- Also corrects what counts unfinished jobs once there are none: jobs whose records somebody deleted in Redis would otherwise count as
-- outstanding for ever.

local now, limit = read_clock(ARGV[1]), tonumber(ARGV[2])
local keep = {
  { set = completed, place = 'completed', age = tonumber(ARGV[3]), count = tonumber(ARGV[4]) },
  { set = failed, place = 'failed', age = tonumber(ARGV[5]), count = tonumber(ARGV[6]) },
}
-- Jobs that finished more recently are kept even if there are too many.
local FLOOR_MS = 60000

local function prune(id, kept)
  local status = status_of(id)
  if not FINISHED[status] then
    redis.call('ZREM', kept.set, id)
    -- No other key refers to a job without a valid status, so nothing would delete its keys later.
    if not PLACES[status] then
      unindex(id, uncount(id, kept.place, kept.place))
      erase_keys(id)
    end
    return 0
  end
  erase(id, status)
  return 1
end

-- Whether no job is unfinished, by the places where they would be. Jobs that `condemn` will look at are in none.
local function is_idle()
  if redis.call('EXISTS', leases, grouped, suspects) > 0 then return false end
  for _, priority in ipairs(PRIORITIES) do
    if redis.call('EXISTS', waiting[priority], scheduled[priority]) > 0 then return false end
  end
  return true
end

local pruned, more = 0, 0
for _, kept in ipairs(keep) do
  local left = limit - pruned
  local old = redis.call('ZRANGE', kept.set, '-inf', now - kept.age, 'BYSCORE', 'LIMIT', 0, left)
  local over = math.min(redis.call('ZCARD', kept.set) - kept.count, left)
  if over > #old then
    old = redis.call('ZRANGE', kept.set, '-inf', now - FLOOR_MS, 'BYSCORE', 'LIMIT', 0, over)
  end
  if #old == left then more = 1 end
  for _, id in ipairs(old) do pruned = pruned + prune(id, kept) end
end
if redis.call('EXISTS', outstanding) == 1 and is_idle() then
  redis.call('DEL', outstanding)
  redis.call('HSET', meta, 'scheduled', 0, 'queued', 0, 'running', 0, 'retrying', 0)
end
if pruned > 0 then keep_clock(now) end
return { 'pruned', pruned, more }
