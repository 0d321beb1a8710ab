#!lua
-- submit: none -> queued | scheduled, many jobs in one call. No allow-oom: a full Redis takes no new work.
--
-- ARGV  1 clock   then 13 a job: id, kind, owner, input, delay ms or '', run at ms or '', attempts, priority, tags (JSON),
--       idempotency scope or '', fingerprint, unique scope or '', version
-- Reply one a job: {'created', id, status} | {'existing', id, status} | {'idempotency_conflict', id}
--       | {'unique_conflict', id}
--
-- Idempotent by id: a re-sent call answers 'existing' for what its first sending created.

local PER_JOB = 13
local now = read_clock(ARGV[1])

local function existing(id, idempotency, fingerprint, unique_scope)
  local status = redis.call('HGET', job_key(id), 'status')
  if status then return { 'existing', id, status } end
  if idempotency ~= '' then
    local kept = redis.call('GET', idempotency_key(idempotency))
    if kept then
      local holder, print, ended = string.match(kept, '^([^\n]*)\n([^\n]*)\n?(.*)$')
      if print ~= fingerprint then return { 'idempotency_conflict', holder } end
      return { 'existing', holder, redis.call('HGET', job_key(holder), 'status') or ended }
    end
  end
  if unique_scope ~= '' then
    local holder = redis.call('HGET', unique, unique_scope)
    local held = holder and redis.call('HGET', job_key(holder), 'status')
    if held and not FINISHED[held] then return { 'unique_conflict', holder } end
  end
  return nil
end

local replies, queued = {}, 0
for i = 2, #ARGV, PER_JOB do
  local id, kind, owner, input, delay, run_at, attempts, priority, tags, idempotency, fingerprint, unique_scope, version =
    unpack(ARGV, i, i + PER_JOB - 1)
  local answer = existing(id, idempotency, fingerprint, unique_scope)
  if not answer then
    local due = tonumber(run_at) or (delay ~= '' and now + tonumber(delay)) or now
    local status = store({
      id = id, kind = kind, owner = owner, input = input, due = due, attempts = attempts, priority = priority, tags = tags,
      idempotency = idempotency, fingerprint = fingerprint, unique = unique_scope, version = version,
    }, now)
    if status == 'queued' then queued = queued + 1 end
    answer = { 'created', id, status }
  end
  replies[#replies + 1] = answer
end

keep_clock(now)
ring(queued)
publish_all()
return replies
