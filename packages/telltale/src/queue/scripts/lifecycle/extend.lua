#!lua flags=allow-oom
-- extend: keeps many leases alive in one call. Not a row of the lifecycle, because no job changes status.
--
-- ARGV  1 clock   2 lease ms   then each lease: id and fence
-- Reply a word for each lease: 'extended' | 'cancel_requested' (also extended) | 'lease_lost'
--
-- The reply also reports cancels whose message on the control channel was lost.

local now, lease = read_clock(ARGV[1]), tonumber(ARGV[2])

local replies, extended = {}, {}
for i = 3, #ARGV do
  local id, fence = lease_at(i)
  local job = load_job(id)
  if job and holds_lease(job, fence) then
    extended[#extended + 1], extended[#extended + 2] = now + lease, id
    replies[#replies + 1] = job.cancel_requested and 'cancel_requested' or 'extended'
  else
    replies[#replies + 1] = 'lease_lost'
  end
end
if #extended > 0 then redis.call('ZADD', leases, 'XX', unpack(extended)) end
keep_clock(now)
return replies
