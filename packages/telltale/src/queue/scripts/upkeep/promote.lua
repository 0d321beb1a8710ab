#!lua flags=allow-oom
-- promote: scheduled, retrying -> queued, when they are due, the most urgent first. Also wakes parked groups that may start a job
-- again.
--
-- ARGV  1 clock   2 max jobs
-- Reply {'promoted', number of jobs, ms until the next job or group is due or -1}

local now, limit = read_clock(ARGV[1]), tonumber(ARGV[2])

note_worker(redis.call('HGET', meta, 'worked'), now)
local promoted, left = 0, limit
for _, priority in ipairs(PRIORITIES) do
  local queued, taken = promote_due(priority, now, left)
  promoted, left = promoted + queued, left - taken
end

local unparked = 0
for _, group in ipairs(redis.call('ZRANGE', parked, '-inf', now, 'BYSCORE', 'LIMIT', 0, limit)) do
  if unpark(group) then unparked = unparked + 1 end
end
-- Groups are never parked for longer than PARKED_MS, so these were parked before the clock was set back.
for _, group in ipairs(redis.call('ZRANGE', parked, '(' .. (now + PARKED_MS), '+inf', 'BYSCORE', 'LIMIT', 0, limit)) do
  if unpark(group) then unparked = unparked + 1 end
end

if promoted > 0 then keep_clock(now) end
ring(promoted + unparked)
finish()
return { 'promoted', promoted, next_due(now, true, true) }
