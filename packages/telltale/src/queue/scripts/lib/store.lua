-- Creates a job: none -> queued | scheduled. The caller checks whether it may be created.

local SPEC_ARGS = 4
-- The line `state` of a job that does not exist yet. `spec_at` removes the status, because `move` must find none.
local NEW = 'none 0 0 0 1 0 0'

-- Checks the number of arguments of jobs from `i` on. A wrong number is refused, because otherwise a job would be read from the
-- arguments of the next one.
local function check_specs(i)
  local count = #ARGV - i + 1
  if count == 0 or count % SPEC_ARGS ~= 0 then
    error({ err = 'TELLTALE got ' .. count .. ' job arguments, which is not a multiple of ' .. SPEC_ARGS })
  end
end

-- Reads a job from the arguments at `i`, which record/job-to-store.ts writes: id, input, the line `job` of the record without the time
-- of its creation, and the options that only its creation needs, in lines 'name=value'.
local function spec_at(i, now)
  local spec = parse_job(ARGV[i], NEW, text_of(now) .. ' ' .. ARGV[i + 2])
  spec.status, spec.input = nil, ARGV[i + 1]
  if ARGV[i + 3] ~= '' then
    for name, value in string.gmatch(ARGV[i + 3], '([%a_]+)=([^\n]*)') do spec[name] = value end
  end
  spec.due = tonumber(spec.run_at) or (spec.delay and now + tonumber(spec.delay)) or now
  if spec.start_within then spec.start_by = text_of(math.max(spec.due, now) + tonumber(spec.start_within)) end
  return spec
end

-- Stores the job. Returns its status.
local function store(spec, now)
  local to = spec.due > now and 'scheduled' or 'queued'
  if to == 'scheduled' then spec.line = spec.line .. '\nrun_at=' .. text_of(spec.due) end
  if spec.idempotency then
    redis.call('SET', idempotency_key(spec.idempotency), spec.id .. '\n' .. spec.fingerprint)
  end
  if spec.unique then redis.call('HSET', unique, spec.unique, spec.id) end
  if spec.start_by then redis.call('ZADD', expiring, spec.start_by, spec.id) end
  move(spec, to, now, { due = spec.due, fields = { 'job', spec.line, 'input', spec.input } })
  if spec.owner then own(spec.id, spec.owner, now) end
  local account = account_of(spec)
  if account then count_outstanding(account, 1, #spec.input) end
  return to
end
