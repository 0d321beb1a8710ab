#!lua flags=allow-oom
-- open: checks a queue when a process starts to use it.
--
-- ARGV  1 layout version of this code   then the type of each of KEYS
-- Reply {'opened'} | {'newer', version} | {'older', version} | {'damaged', key, its type}
--
-- A key of another type would make scripts fail halfway through their writes.

local known, types, keys = tonumber(ARGV[1]), { unpack(ARGV, 2) }, KEYS

for i, key in ipairs(keys) do
  local found = redis.call('TYPE', key).ok
  if found ~= 'none' and found ~= types[i] then return { 'damaged', key, found } end
end
local layout = tonumber(redis.call('HGET', meta, 'layout') or '0')
if layout > known then return { 'newer', layout } end
if layout > 0 and layout < known then return { 'older', layout } end
if layout < known then redis.call('HSET', meta, 'layout', known) end
return { 'opened' }
