#!lua flags=allow-oom
-- compact: removes the ids of jobs that were cancelled while they waited from the waiting lists. Any worker may call it.
--
-- ARGV  1 max ids
-- Reply {'compacted', number of ids removed, whether there is more 0|1}
--
-- A cancel leaves the id in its list, because searching a million ids would block Redis for 30 ms. `claim` discards it, but not in a
-- queue that is paused or has no free slot. So once there are more useless ids than useful ones, and at least AT_LEAST, all lists are
-- gone through, `limit` ids a call. The useful ids are copied from the claiming end on, and then the copy replaces the list. Until
-- then the list does not change. If a job is taken from its claiming end or given back to it in the meantime, `claim` or `enter` deletes
-- `compacting`, and the next call starts again. The ids at that end would not show it, because an id can be in the list several times.

local limit = tonumber(ARGV[1])
local AT_LEAST = 1000

-- Where the last call stopped: the index in PRIORITIES, and the number of ids that were copied or dropped.
local function read_state()
  local at, seen = string.match(redis.call('HGET', meta, 'compacting') or '', '^([1-4]) (%d+)$')
  return tonumber(at), tonumber(seen)
end

local function is_worthwhile()
  local ids = 0
  for _, priority in ipairs(PRIORITIES) do ids = ids + redis.call('LLEN', waiting[priority]) end
  local useful = (tonumber(redis.call('HGET', meta, 'queued')) or 0) - redis.call('ZCARD', grouped)
  return ids - useful >= AT_LEAST and ids > 2 * useful
end

-- Whether the id may lead `claim` to a job: also if the record cannot be read, which `claim` must notice.
local function is_useful(id)
  local status = status_of(id)
  if PLACES[status] then return status == 'queued' end
  return redis.call('EXISTS', job_key(id)) == 1
end

local at, seen = read_state()
if not at then
  redis.call('DEL', compacted)
  if not is_worthwhile() then return { 'compacted', 0, 0 } end
  at, seen = 1, 0
end

local list = waiting[PRIORITIES[at]]
local ids = redis.call('LRANGE', list, -(seen + limit), -(seen + 1))
-- A job that was cancelled and rerun while it waited is in the list several times. Once is enough.
local is_copied = {}
for i = #ids, 1, -1 do
  local id = ids[i]
  if not is_copied[id] and is_useful(id) then
    is_copied[id] = true
    redis.call('LPUSH', compacted, id)
  end
end
seen = seen + #ids

local removed = 0
if #ids < limit then
  removed = seen - redis.call('LLEN', compacted)
  redis.call('DEL', list)
  if redis.call('EXISTS', compacted) == 1 then redis.call('RENAME', compacted, list) end
  -- Cursors of lists contain it; see list-waiting.
  redis.call('HSET', meta, 'removed', (tonumber(redis.call('HGET', meta, 'removed')) or 0) + removed)
  at, seen = at + 1, 0
end
if at > #PRIORITIES then
  redis.call('HDEL', meta, 'compacting')
  return { 'compacted', removed, 0 }
end
redis.call('HSET', meta, 'compacting', at .. ' ' .. seen)
return { 'compacted', removed, 1 }
