#!lua flags=no-writes
-- failures: how many failed jobs of each kind have an error code, from the index of the code alone.
--
-- ARGV  1 error code   2 rank of the newest entry to read   3 max entries
-- Reply {'failures', whether there is more 0|1, {kind, number, first time, last time} …}
--
-- The kind is the part of an id before its last underscore, so no job is read.

local set, first, limit = index_key('failed', 'code', ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local entries = redis.call('ZRANGE', set, first, first + limit - 1, 'REV', 'WITHSCORES')
local groups, order = {}, {}
for i = 1, #entries, 2 do
  local kind, at = string.match(entries[i], '^(.+)_%x+$') or '', entries[i + 1]
  local group = groups[kind]
  if not group then
    group = { kind, 0, at, at }
    groups[kind] = group
    order[#order + 1] = group
  end
  -- From the newest entry to the oldest.
  group[2], group[3] = group[2] + 1, at
end
return { 'failures', #entries == 2 * limit and 1 or 0, unpack(order) }
