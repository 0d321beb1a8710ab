-- Jobs whose record cannot be read. Who meets one takes it out of its place and goes on with the others; `condemn` decides
-- about it.

-- The caller has taken the id out of `place`.
local function suspect(id, place, now) redis.call('ZADD', suspects, now, place .. '\n' .. id) end

-- Deletes what there is under a job's names, whatever it is.
local function erase_keys(id)
  local owner, scope = unpack(redis.pcall('HMGET', job_key(id), 'owner', 'idempotency'))
  if owner then mending('ZREM', owner_key(owner), id) end
  local kept = scope and mending('GET', idempotency_key(scope))
  if kept and string.sub(kept, 1, #id + 1) == id .. '\n' then redis.call('DEL', idempotency_key(scope)) end
  redis.call('DEL', errors_key(id), job_key(id), feed_key(id), chunks_key(id))
end
