-- Makes a job: none -> queued | scheduled. Whether it may be made is its caller's to check.
--
-- spec: id, kind, owner, input, attempts, priority, tags, idempotency, fingerprint, unique, version, and due, the time it
-- starts at; text that is absent is ''. Answers the job's status.
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
  if to == 'scheduled' then also('run_at', spec.due) end

  if spec.idempotency ~= '' then
    redis.call('SET', idempotency_key(spec.idempotency), spec.id .. '\n' .. spec.fingerprint)
  end
  if spec.unique ~= '' then redis.call('HSET', unique, spec.unique, spec.id) end
  local job = { id = spec.id, round = 1, attempt = 0, fence = 0, seq = 0, priority = spec.priority }
  move(job, to, now, { due = spec.due, fields = fields })
  return to
end
