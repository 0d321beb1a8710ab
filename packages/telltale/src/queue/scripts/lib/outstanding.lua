-- What the callers of a queue have outstanding: for each account, the number of its unfinished jobs and the bytes of their inputs. An
-- account is the job's owner, unless the submit named another one. Jobs without an owner are not counted.

local function outstanding_of(account)
  local jobs, bytes = unpack(redis.call('HMGET', outstanding, 'jobs:' .. account, 'bytes:' .. account))
  return tonumber(jobs) or 0, tonumber(bytes) or 0
end

-- Adds or subtracts one job. The fields of an account without jobs are deleted.
local function count_outstanding(account, sign, bytes)
  local held, held_bytes = outstanding_of(account)
  if held + sign > 0 then
    redis.call('HSET', outstanding, 'jobs:' .. account, held + sign, 'bytes:' .. account,
      math.max(0, held_bytes + sign * bytes))
  else
    redis.call('HDEL', outstanding, 'jobs:' .. account, 'bytes:' .. account)
  end
end

-- Returns the account for which a stored job counts, or false.
local function account_of(job) return job.account or job.owner end

-- Counts a stored job that ends (-1), or starts again (1).
local function count_stored(job, sign)
  local account = account_of(job)
  if account then count_outstanding(account, sign, redis.call('HSTRLEN', job_key(job.id), 'input')) end
end

-- Returns which of these limits the account would exceed with one more job, or nil. A limit of '' is none.
local function exceeded(account, input_bytes, most_jobs, most_bytes)
  local jobs, bytes = outstanding_of(account)
  if jobs + 1 > (tonumber(most_jobs) or math.huge) then return 'jobs' end
  if bytes + input_bytes > (tonumber(most_bytes) or math.huge) then return 'bytes' end
  return nil
end
