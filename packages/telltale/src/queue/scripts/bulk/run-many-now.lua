#!lua flags=allow-oom
-- run-many-now: queues many scheduled and retrying jobs before they are due, as run-now does, if they still match a filter.
--
-- ARGV  1 clock   2 filter   then the ids
-- Reply {'done', a word for each id: 'queued' | 'changed' | 'gone' | 'unreadable'}; 'queued' also for a job that is queued or running
--       already, as after a call that is sent again

local now, wanted = read_clock(ARGV[1]), filter_at(2)

local words, queued = { 'done' }, 0
for i = 3, #ARGV do
  local job, word = load_wanted(ARGV[i], wanted)
  if not job and word == 'changed' then
    local status = status_of(ARGV[i])
    word = (status == 'queued' or status == 'running') and 'queued' or 'changed'
  elseif job and (job.status == 'scheduled' or job.status == 'retrying') then
    move(job, 'queued', now, {})
    queued = queued + 1
    word = 'queued'
  elseif job then
    word = 'changed'
  end
  words[#words + 1] = word
end
if queued > 0 then
  keep_clock(now)
  ring(queued)
end
finish()
return words
