#!lua flags=allow-oom
-- cancel: scheduled, queued, retrying -> cancelled. A running job is marked, and its worker is notified.
--
-- ARGV  1 clock   2 remember ms   3 id   4 request id
-- Reply {'cancelled'} | {'requested'} | {'already_finished'} | {'not_found'}
--
-- Idempotent by request id: a call that is sent again gets 'cancelled' again, not 'already_finished'.

local now, remember, id, request = read_clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

local job = load_job(id)
if not job then return { 'not_found' } end
if FINISHED[job.status] then
  local ours = redis.call('HGET', job_key(id), 'cancelled_by') == request
  return { ours and 'cancelled' or 'already_finished' }
end

if job.status == 'running' then
  if not job.cancel_requested then
    job.cancel_requested = '1'
    keep_clock(now)
    revise(job, now)
    announce(prefix .. 'control', 'cancel\n' .. id .. '\n' .. job.fence)
    finish()
  end
  return { 'requested' }
end

keep_clock(now)
local group = job.status == 'queued' and group_of(job)
move(job, 'cancelled', now, { remember = remember, fields = { 'cancelled_by', request } })
if group then drop_grouped(group, job) end
finish()
return { 'cancelled' }
