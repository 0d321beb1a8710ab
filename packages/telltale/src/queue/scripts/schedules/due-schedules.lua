#!lua flags=allow-oom
-- due-schedules: the schedules that are due, earliest first. The caller computes their next times; see fire-schedule.
--
-- ARGV  1 clock   2 max schedules   3 max bytes of definitions   then names that the caller cannot fire
-- Reply {'due', now, whether more may be due 0|1, ms until the next one after now or -1, {name, time, definition}...}
--
-- Schedules that the caller cannot fire stay due for other workers. They are skipped, so that they do not hide others.

local now, limit, most_bytes = read_clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local skipped = {}
for i = 4, #ARGV do skipped[ARGV[i]] = true end
-- One more than the reply can contain, to know whether there are more.
local depth = limit + #ARGV - 3 + 1

local entries = redis.call('ZRANGE', instants, '-inf', now, 'BYSCORE', 'LIMIT', 0, depth, 'WITHSCORES')
local due, bytes, more = {}, 0, 0
for i = 1, #entries, 2 do
  local name, instant = entries[i], entries[i + 1]
  if #due == limit or bytes >= most_bytes then
    more = 1
    break
  elseif not skipped[name] then
    local definition = redis.call('HGET', schedules, name)
    if definition then
      due[#due + 1], bytes = { name, instant, definition }, bytes + #definition
    else
      redis.call('ZREM', instants, name)
    end
  end
end

local following = redis.call('ZRANGE', instants, '(' .. now, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')[2]
return { 'due', now, more, following and following - now or -1, unpack(due) }
