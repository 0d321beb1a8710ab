-- When a worker last looked at the queue, for the statistics.

local WORKED_MS = 10000
-- Stores that the queue has a worker, to within WORKED_MS. `claim` does so, and `promote` for workers that have no free slot.
local function note_worker(worked, now)
  if math.abs(now - (tonumber(worked) or 0)) >= WORKED_MS then redis.call('HSET', meta, 'worked', now) end
end
