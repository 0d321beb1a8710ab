#!lua flags=allow-oom
-- expire: scheduled, queued -> cancelled, after `startWithin` has passed. Any worker may call it.
--
-- ARGV  1 clock   2 max jobs   3 remember ms
-- Reply {'expired', number of jobs, whether more may be due 0|1, {id …}}

local now, limit, remember = read_clock(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local late = redis.call('ZRANGE', expiring, '-inf', '(' .. now, 'BYSCORE', 'LIMIT', 0, limit)
local expired, ended = 0, {}
for _, id in ipairs(late) do
  local job = load_job(id)
  if job and (job.status == 'queued' or job.status == 'scheduled') then
    local group = job.status == 'queued' and group_of(job)
    expire(job, now, remember)
    if group then drop_grouped(group, job) end
    expired = expired + 1
    ended[expired] = id
  else
    redis.call('ZREM', expiring, id)
  end
end
if expired > 0 then keep_clock(now) end
finish()
return { 'expired', expired, #late == limit and 1 or 0, ended }
