-- Shared by the scripts that list jobs. Each call checks a bounded number of entries. If few of them match, the page is short and
-- says where to continue.

local MOST_CHECKED = 200
-- The statuses in which a job has an error to show.
local WITH_ERROR = { failed = true, cancelled = true, retrying = true }

local EXACT = { 'status', 'kind', 'owner', 'code' }

-- Reads five filters from argument `i` on. The filter '' matches everything.
local function wanted_at(i)
  local status, kind, owner, code, tag = unpack(ARGV, i, i + 4)
  return { status = status, kind = kind, owner = owner, code = code, tag = tag }
end

-- Returns the listed fields of a job, or nil if it is gone or its record cannot be read.
local function load_listed(id)
  local job = load_shown(id, 'error_code')
  if not job then return nil end
  job.at, job.owner, job.tags = tonumber(job.at), job.owner or '', job.tags or ''
  job.code = WITH_ERROR[job.status] and job.error_code or ''
  return job
end

local function is_wanted(job, wanted)
  for _, field in ipairs(EXACT) do
    if wanted[field] ~= '' and job[field] ~= wanted[field] then return false end
  end
  return wanted.tag == '' or string.find(job.tags, '"' .. wanted.tag .. '"', 1, true) ~= nil
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
