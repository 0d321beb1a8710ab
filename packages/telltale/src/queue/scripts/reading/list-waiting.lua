#!lua flags=no-writes
-- list-waiting: queued jobs of one priority, the most recently queued first.
--
-- ARGV  1 priority   2 page size   3 earliest time of queueing   4 latest   5 index to search from   6 id to continue after or ''
--       7 time at which it was queued   8 filter
-- Reply {'page', whether there is more 0|1, number of checked entries, time and id of the last one, its index, job …}
--
-- New jobs move entries to higher indexes. `compact` moves them to lower ones, by at most the number of ids it has removed in total,
-- which is added to the indexes in replies and cursors. So the id is searched for from its old index on. If it is gone, all entries
-- after it were claimed before it.

local list, limit, earliest, latest = waiting[ARGV[1]], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local removed = tonumber(redis.call('HGET', meta, 'removed')) or 0
local index_from, id, time = math.max(0, tonumber(ARGV[5]) - removed), ARGV[6], ARGV[7]
local wanted = filter_at(8)
local MOST_SEARCHED = 1000

local first = index_from
if id ~= '' then
  local ids = redis.call('LRANGE', list, index_from, index_from + MOST_SEARCHED - 1)
  first = nil
  for i, other in ipairs(ids) do
    if other == id then
      first = index_from + i
      break
    end
  end
  if not first then return { 'page', #ids == MOST_SEARCHED and 1 or 0, 0, time, id, removed + index_from + #ids } end
end

-- A job that was cancelled while waiting and then rerun is in the list twice, and was returned at its newer index. A job that was
-- given back is in the list once, behind older ones.
local function is_stale(job)
  if job.round == '1' or time == '' or job.at <= tonumber(time) then return false end
  return string.match(job.settled or '', ':release:queued:(%d+)$') ~= job.seq
end

local entries = redis.call('LRANGE', list, first, first + MOST_CHECKED - 1)
local jobs, checked = {}, 0
while checked < #entries and #jobs < limit do
  checked = checked + 1
  id = entries[checked]
  local job = load_listed(id)
  if job and job.status == 'queued' and not is_stale(job) then
    time = tostring(job.at)
    if is_wanted(job, wanted) and job.at >= earliest and job.at <= latest then jobs[#jobs + 1] = listed_reply(job, removed + first + checked - 1) end
  end
end
local last = first + checked - 1
return { 'page', redis.call('LLEN', list) > last + 1 and 1 or 0, checked, time, id, removed + last, unpack(jobs) }
