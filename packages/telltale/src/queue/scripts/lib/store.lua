-- Creates a job: none -> queued | scheduled. The caller checks whether it may be created.

-- Arguments that are not copied to the job's hash. All others are.
local NOT_KEPT = { id = true, fingerprint = true, delay = true, run_at = true, start_within = true, most_jobs = true,
  most_bytes = true }

-- Reads the names of a job's arguments at `i`. They are followed by one argument per name for each job. record/job-to-store.ts writes
-- both in the same order. A wrong number of arguments is refused, because otherwise a job would be read from the arguments of the
-- next one.
local function spec_names(i)
  local names = {}
  for name in string.gmatch(ARGV[i], '%S+') do names[#names + 1] = name end
  if #names == 0 or (#ARGV - i) % #names ~= 0 then
    error({ err = 'TELLTALE got ' .. (#ARGV - i) .. ' job arguments, which is not a multiple of ' .. #names })
  end
  return names
end

-- Reads a job from the arguments at `i`. Absent texts are ''.
local function spec_at(names, i, now)
  local spec = { names = names }
  for at, name in ipairs(names) do spec[name] = ARGV[i + at - 1] end
  spec.due = tonumber(spec.run_at) or (spec.delay ~= '' and now + tonumber(spec.delay)) or now
  spec.start_by = spec.start_within ~= '' and math.max(spec.due, now) + tonumber(spec.start_within) or ''
  -- The account that the job counts for, or '' for none.
  spec.counts_for = spec.account ~= '' and spec.account or spec.owner
  return spec
end

-- Stores the job. Returns its status.
local function store(spec, now)
  local to = spec.due > now and 'scheduled' or 'queued'
  local fields = { 'created_at', now }
  local function also(name, value)
    if value ~= '' then fields[#fields + 1], fields[#fields + 2] = name, value end
  end
  for _, name in ipairs(spec.names) do
    if not NOT_KEPT[name] then also(name, spec[name]) end
  end
  also('start_by', spec.start_by)
  if to == 'scheduled' then also('run_at', spec.due) end

  if spec.idempotency ~= '' then
    redis.call('SET', idempotency_key(spec.idempotency), spec.id .. '\n' .. spec.fingerprint)
  end
  if spec.unique ~= '' then redis.call('HSET', unique, spec.unique, spec.id) end
  if spec.start_by ~= '' then redis.call('ZADD', expiring, spec.start_by, spec.id) end
  local job = { id = spec.id, round = 1, attempt = 0, fence = 0, seq = 0, priority = spec.priority,
    concurrency = spec.concurrency ~= '' and spec.concurrency, rate = spec.rate ~= '' and spec.rate }
  move(job, to, now, { due = spec.due, fields = fields })
  if spec.owner ~= '' then own(spec.id, spec.owner, now) end
  if spec.counts_for ~= '' then count_outstanding(spec.counts_for, 1, #spec.input) end
  return to
end
