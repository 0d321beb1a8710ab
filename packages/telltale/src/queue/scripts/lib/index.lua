-- What finds jobs again: one set for each owner, and for what failed or was cancelled one for each error code and tag.
-- Written where a job changes status. A job that does neither, and is nobody's, costs nothing here. Whoever writes a job's
-- `error` writes its `error_code` beside it, or the job is not found by it.

local INDEXED = { failed = true, cancelled = true }

-- Codes and tags are short, and hold no quote: lifecycle/fail.ts and the schema of a submit's options see to that.
local function index_sets(id, status)
  local code, tags = unpack(redis.pcall('HMGET', job_key(id), 'error_code', 'tags'))
  local sets = {}
  if code and code ~= '' then sets[1] = index_key(status, 'code', code) end
  for tag in string.gmatch(tags or '', '"([^"]+)"') do sets[#sets + 1] = index_key(status, 'tag', tag) end
  return sets
end

-- Belongs behind the writing of the job's hash, which says under what it is to be found.
local function index(id, status, now)
  if not INDEXED[status] then return end
  for _, set in ipairs(index_sets(id, status)) do mending('ZADD', set, now, id) end
end

local function unindex(id, status)
  if not INDEXED[status] then return end
  for _, set in ipairs(index_sets(id, status)) do mending('ZREM', set, id) end
end

local function own(id, owner, created_at) mending('ZADD', owner_key(owner), created_at, id) end

local function disown(id)
  local owner = redis.call('HGET', job_key(id), 'owner')
  if owner then mending('ZREM', owner_key(owner), id) end
end
