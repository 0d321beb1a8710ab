#!lua flags=no-writes
-- read-aside: jobs that were set aside because not even their status could be read, newest first.
--
-- ARGV  1 at most
-- Reply {'aside', how many in all, {entry, at, …}}; an entry is id, place and reason, a line each

local limit = tonumber(ARGV[1])

return { 'aside', redis.call('ZCARD', aside), redis.call('ZRANGE', aside, 0, limit - 1, 'REV', 'WITHSCORES') }
