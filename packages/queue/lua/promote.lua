#!lua flags=allow-oom
-- promote: scheduled, retrying -> queued, once Redis time has come.
--
-- ARGV  1 clock   2 at most
-- Reply {'promoted', how many, ms until the next is due or -1}

local now, limit = read_clock(ARGV[1]), ARGV[2]

local due = redis.call('ZRANGE', scheduled, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)
local promoted = 0
for _, id in ipairs(due) do
  local job = load_job(id)
  if job and (job.status == 'scheduled' or job.status == 'retrying') then
    move(job, 'queued', now, {})
    promoted = promoted + 1
  else
    redis.call('ZREM', scheduled, id)
  end
end
if promoted > 0 then keep_clock(now) end
ring(promoted)
publish_all()

local next_due = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES')[2]
return { 'promoted', promoted, next_due and math.max(0, next_due - now) or -1 }
