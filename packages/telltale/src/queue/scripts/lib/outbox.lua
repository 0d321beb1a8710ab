-- Messages are collected and published after the last write of a script. Redis does not roll back a script that fails, and no
-- message may report something that was not written.
local outbox = {}

-- Entries that jobs get or lose in lists and sorted sets are collected too, because a script often moves many jobs between the same
-- places. A script that reads a place after it moved a job calls `write_places` first.
local places = { ZREM = {}, ZADD = {}, LPUSH = {} }

local function collect(command, key, a, b)
  local entries = places[command][key]
  if not entries then
    entries = {}
    places[command][key] = entries
  end
  entries[#entries + 1] = a
  if b then entries[#entries + 1] = b end
end

local function write_places()
  for key, entries in pairs(places.ZREM) do redis.call('ZREM', key, unpack(entries)) end
  for key, entries in pairs(places.ZADD) do redis.call('ZADD', key, unpack(entries)) end
  for key, entries in pairs(places.LPUSH) do redis.call('LPUSH', key, unpack(entries)) end
  places = { ZREM = {}, ZADD = {}, LPUSH = {} }
end

-- Changes of the counters of `meta` are collected too, because a script often moves many jobs between the same statuses.
local counts = {}

local function count(status, n) counts[status] = (counts[status] or 0) + n end

local function write_counts()
  for status, n in pairs(counts) do
    if n ~= 0 then redis.call('HINCRBY', meta, status, n) end
  end
  counts = {}
end

local function announce(channel, message) outbox[#outbox + 1] = { channel, message } end

-- Writes and publishes what was collected. Call it after the last other write.
local function finish()
  write_places()
  write_counts()
  write_history()
  for _, message in ipairs(outbox) do redis.call('PUBLISH', message[1], message[2]) end
end

-- Wakes idle workers with at most one ring per job, and none while the queue is paused. At most 64 rings are kept, so that the list
-- stays small if no worker is listening.
local function ring(jobs)
  if jobs < 1 or is_paused then return end
  local rings = {}
  for i = 1, math.min(jobs, 64 - redis.call('LLEN', bell)) do rings[i] = '1' end
  if rings[1] then redis.call('LPUSH', bell, unpack(rings)) end
end
