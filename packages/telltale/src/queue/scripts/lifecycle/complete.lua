#!lua flags=allow-oom
-- complete: running -> completed, by the holder of the lease and nobody else; also after a cancel was requested.
--
-- ARGV  1 clock   2 remember ms   then 5 a job: id, fence, output, progress or '', its number
-- Reply one a job: {'completed', seq} | {'lease_lost'} | {'not_found'}
--
-- An expired lease still counts until reclaim takes it: finishing late beats running twice.

local now, remember = read_clock(ARGV[1]), ARGV[2]

local replies = {}
for i = 3, #ARGV, 5 do
  local id, fence, output, progress, progress_n = unpack(ARGV, i, i + 4)
  local job = load_job(id)
  local answer = refusal(job, fence, 'complete')
  if not answer then
    report(job, now, progress_n, progress)
    local settled = settlement(job, 'complete', 'completed')
    local seq = move(job, 'completed', now,
      { payload = output, remember = remember, fields = { 'output', output, 'settled', settled } })
    answer = { 'completed', tostring(seq) }
  end
  replies[#replies + 1] = answer
end
keep_clock(now)
publish_all()
return replies
