#!lua
-- submit: none -> queued | scheduled, many jobs in one call. No allow-oom: a full Redis refuses new work.
--
-- ARGV  1 clock   2 max waiting jobs or ''   3 names of a job's arguments   then the arguments of each job,
--       see lib/store.lua
-- Reply for each job: {'created', id, status} | {'existing', id, status} | {'idempotency_conflict', id}
--       | {'unique_conflict', id} | {'queue_full'} | {'too_many', 'jobs' | 'bytes'}
--
-- Idempotent by id: a call that is sent again replies 'existing' for jobs that it created the first time.

local now, most_waiting, names = read_clock(ARGV[1]), tonumber(ARGV[2]), spec_names(3)

local function waiting_now()
  local count = 0
  for _, moved in ipairs(redis.call('HMGET', meta, 'queued', 'scheduled', 'retrying')) do
    count = count + tonumber(moved or '0')
  end
  return count
end

local replies, queued = {}, 0
local room = most_waiting and most_waiting - waiting_now() or math.huge
for i = 4, #ARGV, #names do
  local spec = spec_at(names, i, now)
  local answer = existing(spec)
  if not answer and room < 1 then answer = { 'queue_full' } end
  if not answer and spec.counts_for ~= '' then
    local limit = exceeded(spec.counts_for, #spec.input, spec.most_jobs, spec.most_bytes)
    if limit then answer = { 'too_many', limit } end
  end
  if not answer then
    room = room - 1
    local status = store(spec, now)
    if status == 'queued' then queued = queued + 1 end
    answer = { 'created', spec.id, status }
  end
  replies[#replies + 1] = answer
end

keep_clock(now)
ring(queued)
publish_all()
return replies
