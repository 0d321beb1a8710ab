#!lua flags=no-writes
-- list-sorted: jobs of a sorted set, from the highest score down.
--
-- ARGV  1 set, without the prefix   2 page size   3 lowest score   4 highest score   5 score to continue after or ''   6 id to
--       continue after   7 filter
-- Reply {'page', whether there is more 0|1, number of checked entries, score and id of the last one, job …}
--
-- A page continues after a score and an id instead of a rank. This also works if that job is gone, or if thousands of jobs have the
-- same score.

local set, limit, lowest, highest = prefix .. ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local score, id = ARGV[5], ARGV[6]
local wanted = filter_at(7)

-- Returns the rank, from the highest score, of the first entry after `score` and `id`.
local function rank_behind()
  local low = redis.call('ZCOUNT', set, '(' .. score, '+inf')
  local high = low + redis.call('ZCOUNT', set, score, score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is_below(redis.call('ZRANGE', set, middle, middle, 'REV')[1], id) then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

local first = redis.call('ZCOUNT', set, '(' .. highest, '+inf')
if score ~= '' then first = math.max(first, rank_behind()) end
local behind = redis.call('ZCOUNT', set, lowest, '+inf')
local last = math.min(first + MOST_CHECKED, behind) - 1
local entries = first <= last and redis.call('ZRANGE', set, first, last, 'REV', 'WITHSCORES') or {}

local jobs, checked = {}, 0
while checked * 2 < #entries and #jobs < limit and error_bytes_left > 0 do
  checked = checked + 1
  id, score = entries[checked * 2 - 1], entries[checked * 2]
  local job = load_listed(id)
  if job and is_wanted(job, wanted) then jobs[#jobs + 1] = listed_reply(job, score) end
end
return { 'page', first + checked < behind and 1 or 0, checked, score, id, unpack(jobs) }
