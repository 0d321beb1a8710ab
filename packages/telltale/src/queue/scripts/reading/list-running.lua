#!lua flags=no-writes
-- list-running: running jobs, the one claimed last first.
--
-- ARGV  1 at most   2 claimed at the earliest   3 at the latest   4 time to go on after or ''   5 id to go on after   then
--       5 of what is wanted
-- Reply {'page', whether there is more 0|1, time and id of the last job answered, job …}
--
-- Their set is sorted by when leases run out, which each extend changes: a page by that order would lose whom an extend
-- moves to the front meanwhile. So all are read and sorted here, up to MOST; those whose leases run out first, where
-- there are more.

local limit, earliest, latest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time, id = ARGV[4], ARGV[5]
local wanted = wanted_at(6)
local MOST = 500

-- An id is its kind and 32 digits: byte by byte, sorting a thousand of one millisecond takes 30 ms.
local function ranked(job)
  job.stem = string.sub(job.id, 1, -33)
  job.high = tonumber(string.sub(job.id, -32, -21), 16) or 0
  job.middle = tonumber(string.sub(job.id, -20, -9), 16) or 0
  job.low = tonumber(string.sub(job.id, -8), 16) or 0
  return job
end

local function is_newer(a, b)
  if a.at ~= b.at then return a.at > b.at end
  if a.stem ~= b.stem then return is_below(b.id, a.id) end
  if a.high ~= b.high then return a.high > b.high end
  if a.middle ~= b.middle then return a.middle > b.middle end
  return a.low > b.low
end

local from = time ~= '' and ranked({ at = tonumber(time), id = id }) or nil
local found = {}
for _, held in ipairs(redis.call('ZRANGE', leases, 0, MOST - 1)) do
  local job = load_listed(held)
  if job and is_wanted(job, wanted) and job.at >= earliest and job.at <= latest then
    job = ranked(job)
    if not from or is_newer(from, job) then found[#found + 1] = job end
  end
end
table.sort(found, is_newer)

local jobs = {}
for i = 1, math.min(limit, #found) do
  time, id = tostring(found[i].at), found[i].id
  jobs[i] = told(found[i], time)
end
return { 'page', #found > limit and 1 or 0, time, id, unpack(jobs) }
