#!lua flags=allow-oom
-- cancel-many: cancels many jobs, as cancel does, if they still match a filter.
--
-- ARGV  1 clock   2 remember ms   3 request id   4 filter   then the ids
-- Reply {'done', a word for each id: 'cancelled' | 'requested' | 'changed' | 'gone' | 'unreadable'}
--
-- Idempotent by request id, like cancel. 'changed' means that the job does not match any more.

local now, remember, request, wanted = read_clock(ARGV[1]), ARGV[2], ARGV[3], filter_at(4)

-- Returns what an earlier call with this request did to a job that does not match any more.
local function done_before(id)
  local job = load_job(id, 'cancelled_by')
  if job and job.status == 'running' and job.cancel_requested then return 'requested' end
  return job and job.cancelled_by == request and 'cancelled' or 'changed'
end

local words, has_any = { 'done' }, false
for i = 5, #ARGV do
  local job, word = load_wanted(ARGV[i], wanted)
  if job then
    local outcome, has_changed = cancel_job(job, request, now, remember)
    has_any = has_any or has_changed
    word = outcome == 'already_finished' and 'changed' or outcome
  elseif word == 'changed' then
    word = done_before(ARGV[i])
  end
  words[#words + 1] = word
end
if has_any then keep_clock(now) end
finish()
return words
