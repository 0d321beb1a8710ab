#!lua flags=allow-oom
-- reclaim: running -> retrying | failed | cancelled, once a lease has expired; fence + 1. Any worker may call it.
--
-- ARGV  1 clock   2 max jobs   3 max lease ms   4 error (worker_lost)   5 remember ms   6 the error's code
-- Reply {'reclaimed', number of jobs, whether more may be due 0|1, {id, failed | cancelled, …} of those that ended}
--
-- The lost attempt counts, because a job that kills its worker must not run forever. The backoff is 1 s x 2^(n-1), up to a minute. It
-- is computed here, because the worker that calls this may not know the contract.

local now, limit, longest = read_clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local err, remember, code = ARGV[4], ARGV[5], ARGV[6]

-- If the clock was set back far, leases would last too long, so none may end later than one full lease from now.
local too_long = redis.call('ZRANGE', leases, '(' .. (now + longest), '+inf', 'BYSCORE', 'LIMIT', 0, limit)
for _, id in ipairs(too_long) do redis.call('ZADD', leases, 'XX', now + longest, id) end

local expired = redis.call('ZRANGE', leases, '-inf', '(' .. now, 'BYSCORE', 'LIMIT', 0, limit)
local reclaimed, ended = 0, {}
for _, id in ipairs(expired) do
  local job, damage = load_job(id)
  if job and job.status == 'running' then
    local attempt = tonumber(job.attempt)
    local to = 'failed'
    if job.cancel_requested then
      to = 'cancelled'
    elseif attempt < tonumber(job.attempts) then
      to = 'retrying'
    end
    job.fence = job.fence + 1
    note_error(job, now, err)
    move(job, to, now, {
      is_lost = true,
      due = now + math.min(60000, 1000 * 2 ^ (attempt - 1)),
      payload = to ~= 'cancelled' and err or '',
      remember = remember,
      fields = { 'error', err, 'error_code', code },
    })
    reclaimed = reclaimed + 1
    if to ~= 'retrying' then ended[#ended + 1], ended[#ended + 2] = id, to end
  else
    redis.call('ZREM', leases, id)
    if damage then suspect(id, 'leases', now) end
  end
end
if reclaimed + #too_long > 0 then keep_clock(now) end
finish()
return { 'reclaimed', reclaimed, (#expired == limit or #too_long == limit) and 1 or 0, ended }
