#!lua flags=no-writes
-- read-log: lines of a job's log, and the job's status before them, read atomically.
--
-- ARGV  1 id   2 number of the first line, or of the one before which it was deleted   3 max lines
-- Reply {status, {line, …}} | {'not_found'}

local id, from, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local job = load_shown(id)
if not job then return { 'not_found' } end
local key = logs_key(id)
local length = redis.pcall('LLEN', key)
if type(length) ~= 'number' then return { job.status, {} } end

-- Numbers rise, with gaps where a worker dropped lines, so the first line is found by halves.
local low, high = 0, length
while low < high do
  local middle = math.floor((low + high) / 2)
  local n = tonumber(string.match(redis.call('LINDEX', key, middle), '^%d+') or '0')
  if n < from then low = middle + 1 else high = middle end
end
return { job.status, redis.call('LRANGE', key, low, low + limit - 1) }
