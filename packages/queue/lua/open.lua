#!lua flags=allow-oom
-- open: a process begins to use a queue.
--
-- ARGV  1 layout version this code knows
-- Reply {'opened'} | {'newer', version}

local known = tonumber(ARGV[1])

local layout = tonumber(redis.call('HGET', meta, 'layout') or '0')
if layout > known then return { 'newer', layout } end
if layout < known then redis.call('HSET', meta, 'layout', known) end
return { 'opened' }
