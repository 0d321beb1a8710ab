#!lua flags=allow-oom
-- beat: a worker tells that it is there and what it does, every 5 s and after changes. Also removes some workers that are gone.
--
-- KEYS  1 the registry's `seen`
-- ARGV  1 clock   2 entry of the worker   3 its record (opaque)   4 when it started, or '' in its first beat
-- Reply {'seen', now, whether it was asked to stop claiming 0|1}
--
-- A worker that was taken for gone, or whose entry was lost, is back with its next beat. That it was asked to stop claiming outlives its
-- entry by a day: a worker that is cut off for a minute must still learn of it.

local now, entry, record, started = time_now(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local MOST_STRUCK, ASKED_MS = 10, 86400000

local gone = redis.call('ZRANGE', last_seen, '-inf', now - GONE_MS, 'BYSCORE', 'LIMIT', 0, MOST_STRUCK)
for _, one in ipairs(redis.call('ZRANGE', last_seen, now + GONE_MS, '+inf', 'BYSCORE', 'LIMIT', 0, MOST_STRUCK)) do
  gone[#gone + 1] = one
end
for _, one in ipairs(gone) do strike(one) end
for _, one in ipairs(redis.call('ZRANGE', drained, '-inf', now - ASKED_MS, 'BYSCORE', 'LIMIT', 0, MOST_STRUCK)) do
  if one ~= entry and not redis.call('ZSCORE', last_seen, one) then redis.call('ZREM', drained, one) end
end

redis.call('ZADD', last_seen, now, entry)
redis.call('ZADD', roster, 0, entry)
redis.call('HSET', records, entry, (started ~= '' and started or now) .. '\n' .. record)
return { 'seen', now, redis.call('ZSCORE', drained, entry) and 1 or 0 }
