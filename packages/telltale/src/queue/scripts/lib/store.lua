-- Makes a job: none -> queued | scheduled. Whether it may be made is its caller's to check.

-- How many arguments describe one job; src/job-to-store.ts writes them in this order.
local SPEC_ARGS = 17

-- The job that the arguments from `i` on describe. Text that is absent is ''.
local function spec_at(i, now)
  local id, kind, owner, input, delay, run_at, attempts, priority, tags, idempotency, fingerprint, unique_scope, version,
    start_within, depth, concurrency, rate = unpack(ARGV, i, i + SPEC_ARGS - 1)
  local due = tonumber(run_at) or (delay ~= '' and now + tonumber(delay)) or now
  return {
    id = id, kind = kind, owner = owner, input = input, due = due, attempts = attempts, priority = priority, tags = tags,
    idempotency = idempotency, fingerprint = fingerprint, unique = unique_scope, version = version, depth = depth,
    start_by = start_within ~= '' and math.max(due, now) + tonumber(start_within) or '',
    concurrency = concurrency, rate = rate,
  }
end

-- Answers the job's status.
local function store(spec, now)
  local to = spec.due > now and 'scheduled' or 'queued'
  local fields = { 'kind', spec.kind, 'input', spec.input, 'created_at', now, 'attempts', spec.attempts,
    'priority', spec.priority, 'version', spec.version }
  local function also(name, value)
    if value ~= '' then fields[#fields + 1], fields[#fields + 2] = name, value end
  end
  also('owner', spec.owner)
  also('tags', spec.tags)
  also('idempotency', spec.idempotency)
  also('unique', spec.unique)
  also('depth', spec.depth)
  also('concurrency', spec.concurrency)
  also('rate', spec.rate)
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
  return to
end
