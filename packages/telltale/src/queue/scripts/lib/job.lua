-- The fields of a job's record on which actions depend. Missing fields are false.
local FIELDS = {
  'status', 'kind', 'round', 'attempt', 'attempts', 'fence', 'settled', 'cancel_requested', 'priority', 'unique',
  'idempotency', 'seq', 'rev', 'at', 'progress', 'progress_n', 'concurrency', 'rate', 'start_by',
}
-- The place of a job by its status.
local PLACES = {
  queued = 'waiting', scheduled = 'scheduled', retrying = 'scheduled', running = 'leases',
  completed = 'completed', failed = 'failed', cancelled = 'failed',
}

-- At most fifteen digits. Larger numbers are not exact in Lua, and would be written in scientific notation.
local function is_number(text) return string.match(text or '', '^%d+$') ~= nil and #text <= 15 end

local NUMBERS = { 'round', 'attempt', 'attempts', 'fence', 'seq', 'rev', 'at' }

-- Returns what is wrong with a record, or nil. Scripts call this for every job they load, so it matches all numbers with one pattern,
-- and checks each length only if the numbers are long in total.
local function damage_of(job)
  local numbers = (job.round or '') .. ' ' .. (job.attempt or '') .. ' ' .. (job.attempts or '') .. ' ' .. (job.fence or '')
    .. ' ' .. (job.seq or '') .. ' ' .. (job.rev or '') .. ' ' .. (job.at or '')
  if not string.find(numbers, '^%d+ %d+ %d+ %d+ %d+ %d+ %d+$') then return 'a number is missing or invalid' end
  if #numbers > 36 then
    for _, field in ipairs(NUMBERS) do
      if not is_number(job[field]) then return field .. ' is not a valid number' end
    end
  end
  if job.progress_n and not is_number(job.progress_n) then return 'progress_n is not a valid number' end
  if job.start_by and not is_number(job.start_by) then return 'start_by is not a valid number' end
  if not job.kind then return 'the kind is missing' end
  if not waiting[job.priority] then return 'the priority is missing or unknown' end
  return nil
end

-- Returns a job's record and what is wrong with it, or nil if there is no record. If the status is missing or unknown, it is nil in
-- the result, and the other fields are not checked.
local function inspect(id)
  local values = redis.pcall('HMGET', job_key(id), unpack(FIELDS))
  if values.err then return {}, 'the key is not a hash' end
  local job = { id = id }
  for i, field in ipairs(FIELDS) do job[field] = values[i] end
  if PLACES[job.status] then return job, damage_of(job) end
  if not job.status and redis.call('EXISTS', job_key(id)) == 0 then return nil, nil end
  job.status = nil
  return job, 'the status is missing or unknown'
end

-- Returns nil if the job does not exist or its record cannot be read, because a script that failed on a bad value would leave half of
-- its writes behind. If the record cannot be read, also returns what is wrong, and the status if it is valid.
local function load_job(id)
  local job, damage = inspect(id)
  if not damage then return job end
  return nil, damage, job.status
end

local function are_tags(text)
  local is_json, tags = pcall(cjson.decode, text)
  if not is_json or type(tags) ~= 'table' then return false end
  for at, tag in pairs(tags) do
    if type(at) ~= 'number' or type(tag) ~= 'string' or string.find(tag, '%c') then return false end
  end
  return true
end

-- Reads the fields that only workers need. Returns what is wrong with them, or nil.
local function read_rest(job)
  job.owner, job.input, job.tags, job.created_at, job.version, job.depth, job.account =
    unpack(redis.call('HMGET', job_key(job.id), 'owner', 'input', 'tags', 'created_at', 'version', 'depth', 'account'))
  if not is_number(job.created_at) or not is_number(job.version) then return 'a number is missing or invalid' end
  if job.depth and not is_number(job.depth) then return 'depth is not a valid number' end
  if job.tags and not are_tags(job.tags) then return 'the tags are not a list of strings' end
  return nil
end

-- Returns whether the typed twins can parse these fields: kind, owner, status, seq, rev, at, round, attempt, created_at, in this order.
local function is_readable(values)
  if values.err or not values[1] or not PLACES[values[3]] then return false end
  for i = 4, 9 do
    if not is_number(values[i]) then return false end
  end
  return true
end

-- Returns the stored status without checking it, or nil if there is none.
local function status_of(id)
  local status = redis.pcall('HGET', job_key(id), 'status')
  return type(status) == 'string' and status or nil
end

-- A lease is live if and only if the job is running and the fence is equal. With the fence alone, a late complete could settle a
-- job that was released and is waiting again.
local function holds_lease(job, fence) return job.status == 'running' and job.fence == fence end

-- Returns the reply that this settling call got before, or nil if it is new. ioredis sends a command again if its reply was lost.
local function settled_before(job, fence, action)
  if not job.settled then return nil end
  local at_fence, by, to, seq = string.match(job.settled, '^(%d+):(%a+):(%a+):(%d+)$')
  if at_fence == fence and by == action then return { to, seq } end
  return nil
end

-- Returns the reply for a settling call that must not change the job, or nil if it may.
local function refusal(job, fence, action)
  if not job then return { 'not_found' } end
  local before = settled_before(job, fence, action)
  if before then return before end
  if not holds_lease(job, fence) then return { 'lease_lost' } end
  return nil
end

local function settlement(job, action, to) return job.fence .. ':' .. action .. ':' .. to .. ':' .. (job.seq + 1) end
