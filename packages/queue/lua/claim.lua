#!lua flags=allow-oom
-- claim: queued -> running for as many jobs as one worker should take now; fence + 1.
--
-- ARGV  1 clock   2 claim loop   3 request id   4 room   5 lease ms
-- Reply {'claimed', more 0|1, ms until the next scheduled job or -1, job …}; a job is
--       {id, fence, kind, owner, input, attempt, attempts, round, tags, created_at, version,
--       depth}
--
-- Idempotent by request id, one outstanding per loop: a repeat answers the jobs still held, leases renewed. A claim
-- takes a quarter of what waits, so that one worker does not empty a short queue beside idle ones. Of every 16 jobs
-- one comes from the lowest list that has any, so that nothing starves. A paused queue hands out nothing.

local now = read_clock(ARGV[1])
local loop_key, request, room, lease = prefix .. 'claim:' .. ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local MOST, DISCARDS = 100, 200
local DOWN = { waiting.urgent, waiting.high, waiting.normal, waiting.low }
local UP = { waiting.low, waiting.normal, waiting.high, waiting.urgent }

local function leased(job)
  local rest = redis.call('HMGET', job_key(job.id), 'owner', 'input', 'tags', 'created_at', 'version',
    'depth')
  return { job.id, tostring(job.fence), job.kind, rest[1] or '', rest[2] or '', tostring(job.attempt), job.attempts,
    tostring(job.round), rest[3] or '', rest[4] or '0', rest[5] or '1', rest[6] or '0' }
end

local function still_held(record)
  local jobs = {}
  keep_clock(now)
  redis.call('PEXPIRE', loop_key, lease * 2)
  for id, fence in string.gmatch(record, '\n(%S+) (%d+)') do
    local job = load_job(id)
    if job and holds_lease(job, fence) then
      redis.call('ZADD', leases, 'XX', now + lease, id)
      jobs[#jobs + 1] = leased(job)
    end
  end
  return jobs
end

local function pop(handed)
  for _, list in ipairs(handed % 16 == 15 and UP or DOWN) do
    local id = redis.call('RPOP', list)
    if id then return id end
  end
  return nil
end

local function take()
  local queued, handed, paused = unpack(redis.call('HMGET', meta, 'queued', 'handed', 'paused'))
  if paused then return {}, false end
  local want = math.min(room, math.max(1, math.ceil(tonumber(queued or '0') / 4)), MOST)
  handed = tonumber(handed or '0')
  local jobs, record, discarded = {}, request, 0
  while #jobs < want and discarded < DISCARDS do
    local id = pop(handed)
    if not id then break end
    local job = load_job(id)
    if job and job.status == 'queued' then
      handed = handed + 1
      job.fence, job.attempt = job.fence + 1, job.attempt + 1
      move(job, 'running', now, { expires = now + lease })
      redis.call('HDEL', job_key(id), 'progress', 'progress_n')
      jobs[#jobs + 1] = leased(job)
      record = record .. '\n' .. id .. ' ' .. job.fence
    else
      -- Cancelled while it waited, queued twice by a rerun and already taken, or no job of ours.
      discarded = discarded + 1
    end
  end
  if #jobs > 0 then
    redis.call('HSET', meta, 'handed', handed)
    redis.call('SET', loop_key, record, 'PX', lease * 2)
    keep_clock(now)
  end
  return jobs, discarded == DISCARDS
end

local record = redis.call('GET', loop_key)
local jobs, unsure
local is_repeat = record and string.sub(record .. '\n', 1, #request + 1) == request .. '\n'
if is_repeat then
  jobs = still_held(record)
else
  jobs, unsure = take()
end

local left = tonumber(redis.call('HGET', meta, 'queued') or '0')
if left < 1 then
  redis.call('DEL', bell)
elseif #jobs > 0 and not is_repeat then
  ring(left)
end
publish_all()

local next_due = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES')[2]
-- Without a job and without a long row of discards the lists were empty, whatever the counter says.
local more = left > 0 and (#jobs > 0 or unsure)
return { 'claimed', more and 1 or 0, next_due and math.max(0, next_due - now) or -1, unpack(jobs) }
