#!lua flags=allow-oom
-- release: running -> queued at the claiming end, or scheduled if it must wait, or cancelled if that was requested; only by the holder
-- of the lease, for example because it is shutting down or does not know the job's version. The attempt does not count.
--
-- ARGV  1 clock   2 remember ms   then 2 for each job: id and fence, ms to wait or '' for none
-- Reply for each job: 'queued <seq>' | 'scheduled <seq>' | 'cancelled <seq>' | 'lease_lost' | 'not_found'
--
-- A job that waits returns through promote and is queued behind the others, because the same worker may claim it again.

local now, remember = read_clock(ARGV[1]), ARGV[2]

local function outcome(job, delay)
  if job.cancel_requested then return 'cancelled' end
  return delay ~= '' and 'scheduled' or 'queued'
end

local replies, queued = {}, 0
for i = 3, #ARGV, 2 do
  local id, fence = lease_at(i)
  local delay = ARGV[i + 1]
  local job = load_job(id)
  local answer = refusal(job, fence, 'release')
  if not answer then
    local to = outcome(job, delay)
    job.attempt = text_of(job.attempt - 1)
    job.settled = settlement(job, 'release', to)
    local seq = move(job, to, now, {
      due = to == 'scheduled' and now + tonumber(delay) or nil,
      front = true,
      remember = remember,
    })
    if to == 'queued' then queued = queued + 1 end
    answer = to .. ' ' .. seq
  end
  replies[#replies + 1] = answer
end
keep_clock(now)
ring(queued)
finish()
return replies
