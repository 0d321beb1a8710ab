-- The most recent errors of a job's attempts, from all rounds.

local ERRORS_KEPT = 10

local function note_error(job, now, err)
  local errors = errors_key(job.id)
  mending('RPUSH', errors, job.round .. '\n' .. job.attempt .. '\n' .. now .. '\n' .. err)
  redis.call('LTRIM', errors, -ERRORS_KEPT, -1)
end
