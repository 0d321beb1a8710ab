-- One job's record, as far as actions decide on it. Missing fields are false. nil where there is no such job, or where
-- what stands there is no job of ours: an action that failed halfway through it would leave half of its writes behind.
local FIELDS = {
  'status', 'kind', 'round', 'attempt', 'attempts', 'fence', 'settled', 'cancel_requested', 'priority', 'unique',
  'idempotency', 'seq', 'rev', 'at', 'progress', 'progress_n', 'concurrency', 'rate', 'start_by',
}
local NUMBERS = { 'round', 'attempt', 'attempts', 'fence', 'seq', 'rev', 'at' }

local function load_job(id)
  local values = redis.call('HMGET', job_key(id), unpack(FIELDS))
  if not values[1] then return nil end
  local job = { id = id }
  for i, field in ipairs(FIELDS) do job[field] = values[i] end
  for _, field in ipairs(NUMBERS) do
    if not string.match(job[field] or '', '^%d+$') then return nil end
  end
  return job.kind and waiting[job.priority] and job or nil
end

-- A lease is live if and only if the job is running and the fence is equal: the fence alone would let a late complete
-- settle a job that was released and waits again.
local function holds_lease(job, fence) return job.status == 'running' and job.fence == fence end

-- The first answer to a settling call, or nil: ioredis re-sends a command whose reply was lost.
local function settled_before(job, fence, action)
  if not job.settled then return nil end
  local at_fence, by, to, seq = string.match(job.settled, '^(%d+):(%a+):(%a+):(%d+)$')
  if at_fence == fence and by == action then return { to, seq } end
  return nil
end

-- The answer to a settling call that is not to settle, or nil where it may.
local function refusal(job, fence, action)
  if not job then return { 'not_found' } end
  local before = settled_before(job, fence, action)
  if before then return before end
  if not holds_lease(job, fence) then return { 'lease_lost' } end
  return nil
end

local function settlement(job, action, to) return job.fence .. ':' .. action .. ':' .. to .. ':' .. (job.seq + 1) end
