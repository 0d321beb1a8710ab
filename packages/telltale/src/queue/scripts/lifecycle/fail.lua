#!lua flags=allow-oom
-- fail: running -> retrying | failed, or cancelled if that was requested; by the holder of the lease.
--
-- ARGV  1 clock   2 remember ms   then 5 for each job: id and fence, error, its code or '', ms until the retry or '' for none,
--       number and text of a progress report or ''
-- Reply for each job: 'retrying <seq>' | 'failed <seq>' | 'cancelled <seq>' | 'lease_lost' | 'not_found'
--
-- The maximum number of attempts is stored with the job at its submit, so a worker with another version of the contract cannot
-- increase it.

local now, remember = read_clock(ARGV[1]), ARGV[2]

local function outcome(job, retry_in)
  if job.cancel_requested then return 'cancelled' end
  if retry_in ~= '' and tonumber(job.attempt) < tonumber(job.attempts) then return 'retrying' end
  return 'failed'
end

local replies = {}
for i = 3, #ARGV, 5 do
  local id, fence = lease_at(i)
  local err, code, retry_in, reported = unpack(ARGV, i + 1, i + 4)
  local job = load_job(id)
  local answer = refusal(job, fence, 'fail')
  if not answer then
    report(job, now, reported)
    local to = outcome(job, retry_in)
    job.settled = settlement(job, 'fail', to)
    note_error(job, now, err)
    local seq = move(job, to, now, {
      due = to == 'retrying' and now + tonumber(retry_in) or nil,
      payload = to ~= 'cancelled' and err or '',
      remember = remember,
      fields = { 'error', err, 'error_code', code },
    })
    answer = to .. ' ' .. seq
  end
  replies[#replies + 1] = answer
end
keep_clock(now)
finish()
return replies
