-- The indexes by which jobs are listed: a set for each owner, and for failed and cancelled jobs a set for each error code and tag.
-- They are written when a job changes status. A job without an owner that does not fail costs nothing here. A script that writes a job's
-- `error` must also write its `error_code`, by which the job is found.

local INDEXED = { failed = true, cancelled = true }

-- Codes and tags are short and contain no quotes, which record/stored-error.ts and the schema of the options ensure.
local function index_sets(id, status)
  local code, line = unpack(redis.pcall('HMGET', job_key(id), 'error_code', 'job'))
  local tags, sets = string.match(line or '', '\ntags=([^\n]*)'), {}
  if code and code ~= '' then sets[1] = index_key(status, 'code', code) end
  for tag in string.gmatch(tags or '', '"([^"]+)"') do sets[#sets + 1] = index_key(status, 'tag', tag) end
  return sets
end

-- Call it after the job's hash was written, because the hash determines to which indexes the job belongs.
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
  local owner = string.match(redis.call('HGET', job_key(id), 'job') or '', '\nowner=([^\n]*)')
  if owner then mending('ZREM', owner_key(owner), id) end
end
