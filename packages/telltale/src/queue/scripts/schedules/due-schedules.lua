#!lua flags=allow-oom
-- due-schedules: what is to be fired now, earliest first. Whoever asks works out the instants; see fire-schedule.
--
-- ARGV  1 clock   2 at most   3 at most bytes of definitions   then names the caller cannot fire
-- Reply {'due', now, how many more may be due 0|1, ms until the next after now or -1, {name, instant, definition}...}
--
-- What a caller cannot fire stays due, for one who can, and must not hide the others from it: it is passed over.

local now, limit, most_bytes = read_clock(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local passed_over = {}
for i = 4, #ARGV do passed_over[ARGV[i]] = true end
-- One more than can be answered, to tell that there is more.
local depth = limit + #ARGV - 3 + 1

local standing = redis.call('ZRANGE', instants, '-inf', now, 'BYSCORE', 'LIMIT', 0, depth, 'WITHSCORES')
local due, bytes, more = {}, 0, 0
for i = 1, #standing, 2 do
  local name, instant = standing[i], standing[i + 1]
  if #due == limit or bytes >= most_bytes then
    more = 1
    break
  elseif not passed_over[name] then
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
