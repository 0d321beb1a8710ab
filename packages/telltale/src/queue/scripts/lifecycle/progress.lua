#!lua
-- progress: stores the latest reports of running handlers. Not a row of the lifecycle, because no job changes status.
--
-- ARGV  1 clock   then 2 for each report: id and fence, number of the report within the attempt and its text
-- Reply for each report: 'stored' | 'lease_lost'

local now = read_clock(ARGV[1])

local replies, has_leases = {}, false
for i = 2, #ARGV, 2 do
  local id, fence = lease_at(i)
  local reported = ARGV[i + 1]
  local job = load_job(id)
  if job and holds_lease(job, fence) then
    report(job, now, reported)
    replies[#replies + 1], has_leases = 'stored', true
  else
    replies[#replies + 1] = 'lease_lost'
  end
end
if has_leases then keep_clock(now) end
finish()
return replies
