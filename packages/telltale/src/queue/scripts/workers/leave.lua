#!lua flags=allow-oom
-- leave: removes a worker that has stopped from the registry.
--
-- KEYS  1 the registry's `seen`
-- ARGV  1 entry of the worker
-- Reply {'left'}

local entry = ARGV[1]

strike(entry)
redis.call('ZREM', drained, entry)
return { 'left' }
