#!lua flags=no-writes
-- read-aside: jobs that were set aside because not even their status could be read, newest first.
--
-- ARGV  1 max entries
-- Reply {'aside', total number, {entry, at, …}}; an entry consists of the lines id, place and reason

local limit = tonumber(ARGV[1])

return { 'aside', redis.call('ZCARD', aside), redis.call('ZRANGE', aside, 0, limit - 1, 'REV', 'WITHSCORES') }
