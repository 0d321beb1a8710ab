-- Queues due jobs: scheduled, retrying -> queued. Each priority has its own set, so that a due job never waits until thousands of less
-- urgent ones, which were due before it, are queued.

-- Queues up to `limit` due jobs of one priority, the earliest first. Returns how many it queued, and how many entries it took.
local function promote_due(priority, now, limit)
  local delayed, promoted = scheduled[priority], 0
  local due = redis.call('ZRANGE', delayed, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)
  for _, id in ipairs(due) do
    local job, damage = load_job(id)
    if job and (job.status == 'scheduled' or job.status == 'retrying') then
      move(job, 'queued', now, {})
      promoted = promoted + 1
    else
      redis.call('ZREM', delayed, id)
      if damage then suspect(id, 'scheduled', now) end
    end
  end
  return promoted, #due
end
