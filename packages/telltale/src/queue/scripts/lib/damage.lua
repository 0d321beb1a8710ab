-- Jobs whose record cannot be read. A script that finds one takes it out of its place and continues with the others. `condemn`
-- decides what happens to it.

-- The caller has taken the id out of `place`.
local function suspect(id, place, now) redis.call('ZADD', suspects, now, place .. '\n' .. id) end

-- The seq and the status of the newest event in the feed. The first event is not in it.
local function newest_event(id)
  local line = redis.pcall('LINDEX', feed_key(id), -1)
  local seq, status = string.match(type(line) == 'string' and line or '', '^t\n(%d+)\n%d+\n(%a+)\n')
  return tonumber(seq), status
end

-- Stops counting a job whose status cannot be read. It was counted under the status in its feed, if that belongs to `place`.
-- Returns that status.
local function uncount(id, place, otherwise)
  local _, told_of = newest_event(id)
  local status = PLACES[told_of] == place and told_of or otherwise
  if tonumber(redis.call('HGET', meta, status) or '0') > 0 then redis.call('HINCRBY', meta, status, -1) end
  return status
end

-- Deletes all keys of a job, whatever their type.
local function erase_keys(id)
  local owner, scope = unpack(redis.pcall('HMGET', job_key(id), 'owner', 'idempotency'))
  if owner then mending('ZREM', owner_key(owner), id) end
  local kept = scope and mending('GET', idempotency_key(scope))
  if kept and string.sub(kept, 1, #id + 1) == id .. '\n' then redis.call('DEL', idempotency_key(scope)) end
  redis.call('DEL', errors_key(id), job_key(id), feed_key(id), chunks_key(id))
end

-- The value of a number of `meta` that cannot be read: too large rather than too small, because scripts that look for jobs
-- trust lists more than counters.
local function recounted(field)
  local set = ({ scheduled = scheduled, running = leases, completed = completed, failed = failed })[field]
  if set then return redis.call('ZCARD', set) end
  local count = 0
  for _, priority in ipairs(PRIORITIES) do
    if field == 'queued' then count = count + redis.call('LLEN', waiting[priority]) end
    -- The turns of a priority continue behind its last group.
    local last = field == 'turn' and redis.call('ZRANGE', turns[priority], -1, -1, 'WITHSCORES')[2]
    if last then count = math.max(count, tonumber(last)) end
  end
  return count
end

-- Returns how many values of `meta` were not numbers.
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
