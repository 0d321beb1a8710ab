#!lua
-- rerun-many: reruns many jobs, as rerun does, if they still match a filter.
--
-- ARGV  1 clock   2 most unfinished jobs of an account, or ''   3 most bytes of their inputs, or ''   4 filter   then 2 for each job: id,
--       the round that has ended
-- Reply {'done', a word for each job: 'queued' | 'unique_conflict' | 'too_many' | 'changed' | 'gone' | 'unreadable'}
--
-- Idempotent by round, like rerun. After jobs with large outputs the reply has fewer words than there are jobs, and the caller sends the
-- rest again.

local now, most_jobs, most_bytes, wanted = read_clock(ARGV[1]), ARGV[2], ARGV[3], filter_at(4)
-- Moving an output of this size into the feed takes about 2 ms.
local MOST_BYTES = 1048576

local words, queued, bytes = { 'done' }, 0, 0
for i = 5, #ARGV, 2 do
  if bytes > MOST_BYTES then break end
  local id, round = ARGV[i], ARGV[i + 1]
  local job, word = load_wanted(id, wanted)
  if not job and word == 'changed' then
    local found = load_job(id)
    word = found and found.round ~= round and 'queued' or 'changed'
  elseif job then
    bytes = bytes + redis.call('HSTRLEN', job_key(id), 'output') + redis.call('HSTRLEN', job_key(id), 'error')
    local reply, has_changed = rerun_job(id, round, most_jobs, most_bytes, now)
    if has_changed then queued = queued + 1 end
    word = reply[1]
  end
  words[#words + 1] = word
end
if queued > 0 then
  keep_clock(now)
  ring(queued)
end
finish()
return words
