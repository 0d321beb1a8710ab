-- Jobs whose record cannot be read. A script that finds one removes it from its place and continues with the others. `condemn` later
-- fails it, sets it aside or puts it back.

-- Records a job for `condemn`. The caller must have removed its id from `place`.
local function suspect(id, place, now) redis.call('ZADD', suspects, now, place .. '\n' .. id) end

-- Returns the seq and the status of the newest event in the feed. The feed does not contain the job's first event.
local function newest_event(id)
  local line = redis.pcall('LINDEX', feed_key(id), -1)
  local seq, status = string.match(type(line) == 'string' and line or '', '^t\n(%d+)\n%d+\n(%a+)\n')
  return tonumber(seq), status
end

-- Decrements the counter of a job whose status cannot be read: the one of the newest status in its feed if jobs in that status are
-- in `place`, else the one of `otherwise`. Returns the status that was chosen.
local function uncount(id, place, otherwise)
  write_counts()
  local _, last_status = newest_event(id)
  local status = PLACES[last_status] == place and last_status or otherwise
  if tonumber(redis.call('HGET', meta, status) or '0') > 0 then redis.call('HINCRBY', meta, status, -1) end
  return status
end

-- Deletes all keys of a job, whatever their type.
local function erase_keys(id)
  local job = inspect(id) or {}
  if job.owner then mending('ZREM', owner_key(job.owner), id) end
  local kept = job.idempotency and mending('GET', idempotency_key(job.idempotency))
  if kept and string.sub(kept, 1, #id + 1) == id .. '\n' then redis.call('DEL', idempotency_key(job.idempotency)) end
  redis.call('DEL', errors_key(id), job_key(id), feed_key(id), chunks_key(id), logs_key(id))
end

-- Computes a number of `meta` that cannot be read. It may be too large, which does no harm, because scripts that look for jobs also
-- check the lists. If it were too small, they would not look.
local function recounted(field)
  local set = ({ running = leases, completed = completed, failed = failed })[field]
  if set then return redis.call('ZCARD', set) end
  local count = 0
  for _, priority in ipairs(PRIORITIES) do
    if field == 'queued' then count = count + redis.call('LLEN', waiting[priority]) end
    if field == 'scheduled' then count = count + redis.call('ZCARD', scheduled[priority]) end
    -- The next turn must come after the last group's.
    local last = field == 'turn' and redis.call('ZRANGE', turns[priority], -1, -1, 'WITHSCORES')[2]
    if last then count = math.max(count, tonumber(last)) end
  end
  return count
end

-- Replaces the values of `meta` that should be numbers but are not. Returns how many there were.
local function mend_numbers()
  local fields = { 'scheduled', 'queued', 'running', 'retrying', 'completed', 'failed', 'cancelled', 'handed', 'turn',
    'clock_steps', 'clock' }
  local mended = 0
  for i, value in ipairs(redis.call('HMGET', meta, unpack(fields))) do
    if value and not is_number(string.gsub(value, '^%-', '')) then
      redis.call('HSET', meta, fields[i], recounted(fields[i]))
      mended = mended + 1
    end
  end
  return mended
end
