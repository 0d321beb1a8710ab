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
  local before = job and settled_before(job, fence, 'complete')
  if not job then
    replies[#replies + 1] = { 'not_found' }
  elseif before then
    replies[#replies + 1] = before
  elseif not holds_lease(job, fence) then
    replies[#replies + 1] = { 'lease_lost' }
  else
    report(job, now, progress_n, progress)
    local settled = settlement(job, 'complete', 'completed')
    local seq = move(job, 'completed', now,
      { payload = output, remember = remember, fields = { 'output', output, 'settled', settled } })
    replies[#replies + 1] = { 'completed', tostring(seq) }
  end
end
keep_clock(now)
publish_all()
return replies
