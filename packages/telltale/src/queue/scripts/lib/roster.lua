-- The registry of workers. It has a hash tag of its own, so its keys do not share the prefix of a queue. A worker's entry is
-- `<name> <id>`; names contain no spaces.
local last_seen = KEYS[1]
local registry = string.sub(last_seen, 1, -#'seen' - 1)
-- The same entries, ordered by name.
local roster = registry .. 'roster'
local records = registry .. 'records'
-- Workers that were asked to stop claiming, and when.
local drained = registry .. 'drained'

-- Three missed beats.
local GONE_MS = 15000

-- Redis's time in ms, or the one given in tests. Unlike a queue's time, it follows every step of the clock: a worker's next beat stores
-- the new time, so it is missing from lists for one beat at most.
local function time_now(given)
  local now = tonumber(given)
  if now then return now end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- Whether a worker that was last seen at this time is still there. A time in the future is from before the clock was set back.
local function is_there(at, now) return at and math.abs(now - tonumber(at)) < GONE_MS end

local function strike(entry)
  redis.call('ZREM', last_seen, entry)
  redis.call('ZREM', roster, entry)
  redis.call('HDEL', records, entry)
end
