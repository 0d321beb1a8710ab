-- Looks for a job that a submit must not create again.

-- Returns the reply for a submit of a job that exists, or nil.
local function stored_before(spec)
  local status = status_of(spec.id)
  return status and { 'existing', spec.id, status } or nil
end

-- Returns the reply for a submit of a key that another job holds, or nil.
local function holder_of_keys(spec)
  if spec.idempotency then
    local kept = mending('GET', idempotency_key(spec.idempotency))
    local holder, fingerprint, ended = string.match(kept or '', '^([^\n]*)\n([^\n]*)\n?(.*)$')
    -- A record without a final status whose job is gone belonged to a job that could not be read. It does not count.
    if holder and (ended ~= '' or redis.call('EXISTS', job_key(holder)) == 1) then
      if fingerprint ~= spec.fingerprint then return { 'idempotency_conflict', holder } end
      return { 'existing', holder, status_of(holder) or ended }
    end
  end
  if spec.unique then
    local holder = redis.call('HGET', unique, spec.unique)
    local held = holder and status_of(holder)
    if held and PLACES[held] and not FINISHED[held] then return { 'unique_conflict', holder } end
  end
  return nil
end
