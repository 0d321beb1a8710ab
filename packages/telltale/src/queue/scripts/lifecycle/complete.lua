#!lua flags=allow-oom
-- complete: running -> completed, only by the holder of the lease, and even if a cancel was requested.
--
-- ARGV  1 clock   2 remember ms   then 3 for each job: id and fence, output, number and text of a progress report or ''
-- Reply for each job: 'completed <seq>' | 'lease_lost' | 'not_found'
--
-- An expired lease counts until reclaim takes it, because finishing late is better than running twice.

local now, remember = read_clock(ARGV[1]), ARGV[2]

local replies = {}
for i = 3, #ARGV, 3 do
  local id, fence = lease_at(i)
  local output, reported = ARGV[i + 1], ARGV[i + 2]
  local job = load_job(id)
  local answer = refusal(job, fence, 'complete')
  if not answer then
    report(job, now, reported)
    job.settled = settlement(job, 'complete', 'completed')
    local seq = move(job, 'completed', now,
      { payload = output, remember = remember, fields = { 'output', output } })
    answer = 'completed ' .. seq
  end
  replies[#replies + 1] = answer
end
keep_clock(now)
finish()
return replies
