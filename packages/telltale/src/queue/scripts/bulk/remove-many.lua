#!lua flags=allow-oom
-- remove-many: deletes many finished jobs, as remove does, if they still match a filter.
--
-- ARGV  1 filter   then the ids
-- Reply {'done', a word for each id: 'removed' | 'changed' | 'unreadable'}; 'removed' also for a job that is gone, as after a call that
--       is sent again

local wanted = filter_at(1)

local words = { 'done' }
for i = 2, #ARGV do
  local job, word = load_wanted(ARGV[i], wanted)
  if not job and word == 'gone' then
    word = 'removed'
  elseif job and not FINISHED[job.status] then
    word = 'changed'
  elseif job then
    erase(job.id, job.status)
    word = 'removed'
  end
  words[#words + 1] = word
end
return words
