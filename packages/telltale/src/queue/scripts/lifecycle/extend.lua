#!lua flags=allow-oom
-- extend: keeps many leases alive in one call. Not a row of the lifecycle, because no job changes status.
--
-- ARGV  1 clock   2 lease ms   then 2 for each lease: id, fence
-- Reply a word for each lease: 'extended' | 'cancel_requested' (also extended) | 'lease_lost'
--
-- The reply also reports cancels whose message on the control channel was lost.

local now, lease = read_clock(ARGV[1]), tonumber(ARGV[2])

local replies = {}
for i = 3, #ARGV, 2 do
  local id, fence = ARGV[i], ARGV[i + 1]
  local job = load_job(id)
  if job and holds_lease(job, fence) then
    redis.call('ZADD', leases, 'XX', now + lease, id)
    replies[#replies + 1] = job.cancel_requested and 'cancel_requested' or 'extended'
  else
    replies[#replies + 1] = 'lease_lost'
  end
end
keep_clock(now)
return replies
