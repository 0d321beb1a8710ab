#!lua flags=allow-oom
-- release: running -> queued at the claiming end, or cancelled where that was requested; by the holder of the lease,
-- which is shutting down. Costs no attempt.
--
-- ARGV  1 clock   2 remember ms   then 2 a job: id, fence
-- Reply one a job: {'queued' | 'cancelled', seq} | {'lease_lost'} | {'not_found'}

local now, remember = read_clock(ARGV[1]), ARGV[2]

local replies, queued = {}, 0
for i = 3, #ARGV, 2 do
  local id, fence = ARGV[i], ARGV[i + 1]
  local job = load_job(id)
  local answer = refusal(job, fence, 'release')
  if not answer then
    local to = job.cancel_requested and 'cancelled' or 'queued'
    job.attempt = job.attempt - 1
    local settled = settlement(job, 'release', to)
    local seq = move(job, to, now, { front = true, remember = remember, fields = { 'settled', settled } })
    if to == 'queued' then queued = queued + 1 end
    answer = { to, tostring(seq) }
  end
  replies[#replies + 1] = answer
end
keep_clock(now)
ring(queued)
publish_all()
return replies
