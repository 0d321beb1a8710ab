#!lua
-- submit: none -> queued | scheduled, many jobs in one call. No allow-oom: a full Redis refuses new work.
--
-- ARGV  1 clock   2 max waiting jobs or ''   then the arguments of each job, see lib/store.lua
-- Reply for each job: {'created', id, status} | {'existing', id, status} | {'idempotency_conflict', id}
--       | {'unique_conflict', id} | {'queue_full'} | {'too_many', 'jobs' | 'bytes'}
--
-- Idempotent by id: a call that is sent again replies 'existing' for jobs that it created the first time.

local now, most_waiting = read_clock(ARGV[1]), tonumber(ARGV[2])
check_specs(3)

local function waiting_now()
  local count = 0
  for _, moved in ipairs(redis.call('HMGET', meta, 'queued', 'scheduled', 'retrying')) do
    count = count + tonumber(moved or '0')
  end
  return count
end

-- Usually none of the jobs exists yet. Then they are not looked up one by one, unless an id comes twice.
local is_stored, keys = {}, {}
for i = 3, #ARGV, SPEC_ARGS do keys[#keys + 1] = job_key(ARGV[i]) end
local may_exist = redis.call('EXISTS', unpack(keys)) > 0

local replies, queued = {}, 0
local room = most_waiting and most_waiting - waiting_now() or math.huge
for i = 3, #ARGV, SPEC_ARGS do
  local spec = spec_at(i, now)
  local answer = (may_exist or is_stored[spec.id]) and stored_before(spec) or holder_of_keys(spec)
  if not answer and room < 1 then answer = { 'queue_full' } end
  local account = account_of(spec)
  if not answer and account then
    local limit = exceeded(account, #spec.input, spec.most_jobs, spec.most_bytes)
    if limit then answer = { 'too_many', limit } end
  end
  if not answer then
    room = room - 1
    local status = store(spec, now)
    is_stored[spec.id] = true
    if status == 'queued' then queued = queued + 1 end
    answer = { 'created', spec.id, status }
  end
  replies[#replies + 1] = answer
end

keep_clock(now)
ring(queued)
finish()
return replies
