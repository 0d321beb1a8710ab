-- Redis's time, read once per script, in ms. `given` is '' except in tests.
--
-- In each queue, time stands still if the clock is set back by up to 60 s. It follows larger steps back, because a clock that
-- was an hour ahead by mistake must not freeze all leases and delays for an hour after it is corrected.
local kept_clock = 0
-- Whether jobs wait for one of the queue's own slots (see claim.lua), and whether the queue is paused. Read here, because every script
-- reads the clock.
local is_full, is_paused = false, false
-- The minute of the counts in `history`; see lib/history.lua.
local open_minute

-- Returns the time, and the values of further fields of `meta`, which are read with it.
local function read_clock(given, ...)
  local now = tonumber(given)
  if not now then
    local time = redis.call('TIME')
    now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  end
  local stored = redis.call('HMGET', meta, 'clock', 'full', 'paused', 'minute', ...)
  kept_clock, is_full, is_paused, open_minute = tonumber(stored[1]) or 0, stored[2], stored[3], tonumber(stored[4])
  if now < kept_clock and kept_clock - now <= 60000 then now = kept_clock end
  return now, unpack(stored, 5)
end

-- Stores the time, and further fields of `meta`, given as names and values. Writes, so call it only after all checks have passed.
local function keep_clock(now, ...)
  if now < kept_clock then redis.call('HINCRBY', meta, 'clock_steps', 1) end
  if now ~= kept_clock then
    redis.call('HSET', meta, 'clock', text_of(now), ...)
  elseif ... then
    redis.call('HSET', meta, ...)
  end
end
