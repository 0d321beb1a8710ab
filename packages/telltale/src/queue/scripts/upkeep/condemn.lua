#!lua flags=allow-oom
-- condemn: scheduled, queued, running, retrying -> failed, if the record cannot be read. Any worker may call it.
--
-- ARGV  1 clock   2 max jobs   3 error (corrupt)   4 remember ms   5 max jobs kept aside   6 ms to keep them
-- Reply {'condemned', number of failed jobs, number set aside, whether there may be more 0|1, {id …} of those that failed}
--
-- If not even the status can be read, the job is set aside with the reason. A job that was repaired in the meantime returns to its
-- place. Numbers that cannot be read are replaced; a replaced fence matches no worker's lease. The queue's own numbers are repaired first,
-- because every script that counts fails if one of them is invalid.

local now, limit, err, remember = read_clock(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local most_aside, aside_ms = tonumber(ARGV[5]), tonumber(ARGV[6])

local SAFE = { round = 1, attempt = 0, attempts = 1, rev = 0, at = now, fence = now, created_at = now, version = 1 }
local COUNTERS = { waiting = 'queued', scheduled = 'scheduled', leases = 'running' }

local function fail_corrupt(job)
  local id = job.id
  for field, value in pairs(SAFE) do
    if not is_number(job[field]) then job[field] = value end
  end
  if not is_number(job.seq) then job.seq = newest_event(id) or 1 end
  if not waiting[job.priority] then job.priority = 'normal' end
  job.kind = job.kind or string.match(id, '^(.+)_%x+$') or 'unknown'
  for _, mark in ipairs(MARKS) do job[mark] = nil end
  local options = string.gsub(string.gsub(options_of(job), '\ntags=[^\n]*', ''), '\ndepth=[^\n]*', '')
  redis.call('HDEL', job_key(id), 'progress')
  note_error(job, now, err)
  move(job, 'failed', now, {
    is_untimed = true,
    payload = err,
    remember = remember,
    fields = { 'error', err, 'error_code', 'corrupt', 'job', fixed_of(job) .. options },
  })
end

-- Returns false if the job need not be set aside: its feed says that it is in another place, where it will be found, or it was set
-- aside before, because an id can be in a list twice.
local function set_aside(id, job, place, damage)
  local _, last_status = newest_event(id)
  local entry = id .. '\n' .. place .. '\n' .. damage
  if PLACES[last_status] and PLACES[last_status] ~= place then return false end
  if redis.call('ZSCORE', aside, entry) then return false end
  if COUNTERS[place] then uncount(id, place, COUNTERS[place]) end
  -- Frees its unique key and its slots, as far as they can be read, so that they do not block other jobs.
  if job.unique and redis.call('HGET', unique, job.unique) == id then redis.call('HDEL', unique, job.unique) end
  if job.concurrency then
    mending('SREM', slots_key(job.concurrency), id)
    wake(job.concurrency)
  end
  local record = job.idempotency and idempotency_key(job.idempotency)
  local kept = record and mending('GET', record)
  if kept and string.sub(kept, 1, #id + 1) == id .. '\n' then redis.call('PEXPIRE', record, remember) end
  count_stored(job, -1)
  redis.call('ZREM', expiring, id)
  redis.call('ZADD', aside, now, entry)
  return true
end

local function drop_aside(entries)
  for _, entry in ipairs(entries) do
    redis.call('ZREM', aside, entry)
    local id = string.match(entry, '^[^\n]*')
    if not PLACES[status_of(id)] then erase_keys(id) end
  end
end

local mended = mend_numbers()
local found = redis.call('ZRANGE', suspects, 0, limit - 1)
local failures, put_aside, ended = 0, 0, {}
for _, entry in ipairs(found) do
  local place, id = string.match(entry, '^(%w+)\n(.*)$')
  redis.call('ZREM', suspects, entry)
  local job, damage = inspect(id)
  if job and not job.status then
    if set_aside(id, job, place, damage) then put_aside = put_aside + 1 end
  elseif job and PLACES[job.status] == place then
    damage = damage or damage_of_rest(job)
    if damage then
      fail_corrupt(job)
      failures = failures + 1
      ended[failures] = id
    else
      enter(job, job.status, now, { front = true, due = now, expires = now })
      ring(1)
    end
  end
end
drop_aside(redis.call('ZRANGE', aside, '-inf', now - aside_ms, 'BYSCORE', 'LIMIT', 0, limit))
local over = redis.call('ZCARD', aside) - most_aside
if over > 0 then drop_aside(redis.call('ZRANGE', aside, 0, math.min(over, limit) - 1)) end
if failures + put_aside + mended > 0 then keep_clock(now) end
finish()
return { 'condemned', failures, put_aside, #found == limit and 1 or 0, ended }
