-- A job's record is a hash. Its fields are described in docs/protocol.md. Scripts depend on two of them, which are lines of text, so
-- that a script reads and writes a job with one short command:
--   state  'status seq rev at round attempt fence', then ' name=value' for each of MARKS that the job has. Every change writes it.
--   job    'created_at kind attempts priority version', then a line 'name=value' for each option that the job has. Written once.

local WORDS = { 'status', 'seq', 'rev', 'at', 'round', 'attempt', 'fence' }
local STATE = '^(%a+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)(.*)$'
local MARKS = { 'start_by', 'progress_n', 'cancel_requested', 'settled' }
local FIXED = { 'created_at', 'kind', 'attempts', 'priority', 'version' }
local FIXED_LINE = '^(%d+) (%S+) (%d+) (%a+) (%d+)(.*)$'
-- The place of a job by its status.
local PLACES = {
  queued = 'waiting', scheduled = 'scheduled', retrying = 'scheduled', running = 'leases',
  completed = 'completed', failed = 'failed', cancelled = 'failed',
}

-- Reads the values of a line that does not have its form, as far as it can be read.
local function read_words(job, names, line)
  local n = 0
  for word in string.gmatch(line, '%S+') do
    n = n + 1
    if names[n] then job[names[n]] = word end
  end
end

-- Returns a job from the two lines of its record, each of which may be missing. `has_numbers` says whether both have their form and all
-- numbers in them are valid. `line` is the second one.
local function parse_job(id, state, line)
  state, line = state or '', line or ''
  local status, seq, rev, at, round, attempt, fence, marks = string.match(state, STATE)
  local created_at, kind, attempts, priority, version, options = string.match(line, FIXED_LINE)
  if status and marks ~= '' and string.sub(marks, 1, 1) ~= ' ' then status = nil end
  if created_at and options ~= '' and string.sub(options, 1, 1) ~= '\n' then created_at = nil end
  -- All at once: a table that gets its fields one by one is built several times.
  local job = {
    id = id, line = line, has_numbers = false,
    status = status, seq = seq, rev = rev, at = at, round = round, attempt = attempt, fence = fence,
    created_at = created_at, kind = kind, attempts = attempts, priority = priority, version = version,
  }
  if status and marks ~= '' then
    for name, value in string.gmatch(marks, ' ([%a_]+)=(%S+)') do job[name] = value end
  end
  if options ~= '' then
    for name, value in string.gmatch(line, '\n([%a_]+)=([^\n]*)') do
      -- No option may replace what the lines say themselves.
      if job[name] == nil then job[name] = value end
    end
  end
  if status and created_at then
    job.has_numbers = #seq < 16 and #rev < 16 and #at < 16 and #round < 16 and #attempt < 16 and #fence < 16
      and #created_at < 16 and #attempts < 16 and #version < 16
  else
    if not status then read_words(job, WORDS, string.match(state, '^[^=]*')) end
    if not created_at then read_words(job, FIXED, string.match(line, '^[^\n]*')) end
  end
  return job
end

local NUMBERS = { 'seq', 'rev', 'at', 'round', 'attempt', 'fence', 'created_at', 'attempts', 'version' }

-- Returns what is wrong with a record, or nil.
local function damage_of(job)
  if not job.has_numbers then
    for _, field in ipairs(NUMBERS) do
      if not is_number(job[field]) then return field .. ' is missing or not a valid number' end
    end
  end
  if job.progress_n and not is_number(job.progress_n) then return 'progress_n is not a valid number' end
  if job.start_by and not is_number(job.start_by) then return 'start_by is not a valid number' end
  if not job.kind then return 'the kind is missing' end
  if not waiting[job.priority] then return 'the priority is missing or unknown' end
  return nil
end

-- Reads what can be read of a job's record, which may be nothing. `also` is another field to read, or nil. Returns nil if the key is
-- not a hash.
local function read_record(id, also)
  local stored = also and redis.pcall('HMGET', job_key(id), 'state', 'job', also)
    or redis.pcall('HMGET', job_key(id), 'state', 'job')
  if stored.err then return nil end
  local job = parse_job(id, stored[1], stored[2])
  if also then job[also] = stored[3] end
  return job
end

-- Returns a job's record and what is wrong with it, or nil if there is no record. If the status is missing or unknown, it is nil in
-- the result, and the rest is not checked.
local function inspect(id, also)
  local job = read_record(id, also)
  if not job then return { id = id }, 'the key is not a hash' end
  if PLACES[job.status] then return job, damage_of(job) end
  if not job.status and redis.call('EXISTS', job_key(id)) == 0 then return nil, nil end
  job.status = nil
  return job, 'the status is missing or unknown'
end

-- Returns nil if the job does not exist or its record cannot be read, because a script that failed on a bad value would leave half of
-- its writes behind. If the record cannot be read, also returns what is wrong, and the status if it is valid.
local function load_job(id, also)
  local job, damage = inspect(id, also)
  if not damage then return job end
  return nil, damage, job.status
end

local function state_of(job)
  local state = job.status .. ' ' .. job.seq .. ' ' .. job.rev .. ' ' .. job.at .. ' ' .. job.round .. ' ' .. job.attempt
    .. ' ' .. job.fence
  for _, mark in ipairs(MARKS) do
    if job[mark] then state = state .. ' ' .. mark .. '=' .. job[mark] end
  end
  return state
end

local function fixed_of(job)
  return job.created_at .. ' ' .. job.kind .. ' ' .. job.attempts .. ' ' .. job.priority .. ' ' .. job.version
end

-- Returns the options of the line `job`, each with its line break.
local function options_of(job) return string.match(job.line, '\n.*$') or '' end

local function are_tags(text)
  local is_json, tags = pcall(cjson.decode, text)
  if not is_json or type(tags) ~= 'table' then return false end
  for at, tag in pairs(tags) do
    if type(at) ~= 'number' or type(tag) ~= 'string' or string.find(tag, '%c') then return false end
  end
  return true
end

-- Returns what is wrong with the options that only workers need, or nil.
local function damage_of_rest(job)
  if job.depth and not is_number(job.depth) then return 'depth is not a valid number' end
  if job.tags and not are_tags(job.tags) then return 'the tags are not a list of strings' end
  return nil
end

-- Loads a job for a reader. It need not be fit to run: its typed twins can parse the fields that they show.
local function load_shown(id, also)
  local job = read_record(id, also)
  return job and PLACES[job.status] and job.kind and job.has_numbers and job or nil
end

-- Returns the stored status without checking it, or nil if there is none.
local function status_of(id)
  local state = redis.pcall('HGET', job_key(id), 'state')
  return type(state) == 'string' and string.match(state, '^%S+') or nil
end

-- A lease is live if and only if the job is running and the fence is equal. With the fence alone, a late complete could settle a
-- job that was released and is waiting again.
local function holds_lease(job, fence) return job.status == 'running' and job.fence == fence end

-- The mark `settled` says what the latest settling call did: 'fence:action:status:seq'. While the job is in the final status that the call
-- gave it, the mark is only the action, because the rest follows from the state. Returns it in full, or nil.
local function settled_in_full(job)
  local settled = job.settled
  if settled and string.match(settled, '^%a+$') then
    if PLACES[job.status] ~= 'completed' and PLACES[job.status] ~= 'failed' then return nil end
    return job.fence .. ':' .. settled .. ':' .. job.status .. ':' .. job.seq
  end
  return settled
end

-- Returns the reply that this settling call got before, or nil if it is new. ioredis sends a command again if its reply was lost.
local function settled_before(job, fence, action)
  local settled = settled_in_full(job)
  if not settled then return nil end
  local at_fence, by, to, seq = string.match(settled, '^(%d+):(%a+):(%a+):(%d+)$')
  if at_fence == fence and by == action then return to .. ' ' .. seq end
  return nil
end

-- Reads a lease from an argument: a job's id and a fence.
local function lease_at(i) return string.match(ARGV[i], '^(%S+) (%d+)$') end

-- Returns the reply for a settling call that must not change the job, or nil if it may.
local function refusal(job, fence, action)
  if not job then return 'not_found' end
  local before = settled_before(job, fence, action)
  if before then return before end
  if not holds_lease(job, fence) then return 'lease_lost' end
  return nil
end

-- Returns the mark `settled` for a job that an action moves to another status.
local function settlement(job, action, to)
  if PLACES[to] == 'completed' or PLACES[to] == 'failed' then return action end
  return job.fence .. ':' .. action .. ':' .. to .. ':' .. text_of(job.seq + 1)
end
