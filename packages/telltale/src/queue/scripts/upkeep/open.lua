#!lua flags=allow-oom
-- open: checks a queue when a process starts to use it.
--
-- ARGV  1 layout version of this code   then name and type of each of the queue's keys
-- Reply {'opened'} | {'newer', version} | {'older', version} | {'damaged', key, its type}
--
-- A key of another type would make scripts fail halfway through their writes.

local known, keys = tonumber(ARGV[1]), { unpack(ARGV, 2) }

for _, one in ipairs(keys) do
  local name, expected = string.match(one, '^(%S+) (%S+)$')
  local found = redis.call('TYPE', prefix .. name).ok
  if found ~= 'none' and found ~= expected then return { 'damaged', prefix .. name, found } end
end
local layout = tonumber(redis.call('HGET', meta, 'layout') or '0')
if layout > known then return { 'newer', layout } end
if layout > 0 and layout < known then return { 'older', layout } end
if layout < known then redis.call('HSET', meta, 'layout', known) end
return { 'opened' }
