-- Shared by the scripts that list jobs. Each call checks a bounded number of entries. If few of them match, the page is short and
-- says where to continue.

local MOST_CHECKED = 200

-- Returns the listed fields of a job, or nil if it is gone or its record cannot be read.
local function load_listed(id)
  local job = load_shown(id, 'error_code')
  if not job then return nil end
  job.at, job.owner, job.tags = tonumber(job.at), job.owner or '', job.tags or ''
  return job
end

-- Returns the part of the reply for one job, in the order that reading/listed.ts expects. Large fields and values of other keys are
-- read here, for the jobs in the reply only, not for all that were checked.
local function listed_reply(job, order)
  local err = WITH_ERROR[job.status] and redis.call('HGET', job_key(job.id), 'error') or ''
  local delayed = scheduled[job.priority]
  local due = delayed and redis.call('ZSCORE', delayed, job.id) or ''
  return { job.id, order, job.kind, job.status, job.at, job.created_at, job.round, job.attempt, job.owner, job.tags, err,
    due }
end

-- Compares bytes, as sorted sets do. Lua's own `<` follows the server's locale.
local function is_below(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
