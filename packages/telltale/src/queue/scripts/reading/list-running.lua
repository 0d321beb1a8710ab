#!lua flags=no-writes
-- list-running: running jobs, the most recently claimed first.
--
-- ARGV  1 page size   2 earliest claim   3 latest claim   4 time to continue after or ''   5 id to continue after   6 expiry of a
--       lease to continue after or ''   7 filter
-- Reply {'page', whether there is more 0|1, number of leases that were read, expiry of a lease to continue after or '', job …}
--
-- The sorted set is ordered by the expiry of leases, which each extend raises. Pages in that order would miss jobs that an extend
-- moves to the front. So a page needs all running jobs, and reads them in several calls, from the lease that expires first: a job that
-- moves meanwhile is met again. Each call returns the newest of those it read. Leases that expire in the same millisecond are read in
-- one call.

local limit, earliest, latest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time, id, expiry = ARGV[4], ARGV[5], ARGV[6]
local wanted = filter_at(7)
local MOST = 500

-- Ids consist of a kind and 32 hexadecimal digits, which are compared as numbers. Comparing them byte by byte, sorting a thousand jobs
-- of the same millisecond would take 30 ms.
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

local function next_leases()
  local first = expiry ~= '' and '(' .. expiry or '-inf'
  local some = redis.call('ZRANGE', leases, first, '+inf', 'BYSCORE', 'LIMIT', 0, MOST, 'WITHSCORES')
  local last = #some == 2 * MOST and some[#some] or ''
  local ids = last ~= '' and redis.call('ZRANGE', leases, last, last, 'BYSCORE') or {}
  for i = 1, #some, 2 do
    if some[i + 1] ~= last then ids[#ids + 1] = some[i] end
  end
  return ids, last
end

local from = time ~= '' and ranked({ at = tonumber(time), id = id }) or nil
local found = {}
local ids, last = next_leases()
for _, held in ipairs(ids) do
  local job = load_listed(held)
  if job and is_wanted(job, wanted) and job.at >= earliest and job.at <= latest then
    job = ranked(job)
    if not from or is_newer(from, job) then found[#found + 1] = job end
  end
end
table.sort(found, is_newer)

local jobs = {}
for i = 1, math.min(limit, #found) do jobs[i] = listed_reply(found[i], tostring(found[i].at)) end
return { 'page', #found > limit and 1 or 0, #ids, last, unpack(jobs) }
