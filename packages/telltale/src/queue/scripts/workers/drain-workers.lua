#!lua flags=allow-oom
-- drain-workers: asks the workers of one name to stop claiming. They learn of it by the message, or from the reply of their next beat.
--
-- KEYS  1 the registry's `seen`
-- ARGV  1 clock   2 name   3 number of entries to read   4 entry to continue after, or ''
-- Reply {'asked', number of workers, entry to continue after or ''}

local now, name, limit, after = time_now(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]

local first = after ~= '' and '(' .. after or '[' .. name .. ' '
-- The character after the space.
local entries = redis.call('ZRANGE', roster, first, '(' .. name .. '!', 'BYLEX', 'LIMIT', 0, limit)
local next_entry = #entries == limit and entries[limit] or ''
local asked, ids = {}, {}
if #entries > 0 then
  local times = redis.call('ZMSCORE', last_seen, unpack(entries))
  for i, entry in ipairs(entries) do
    if is_there(times[i], now) then
      asked[#asked + 1] = now
      asked[#asked + 1] = entry
      ids[#ids + 1] = string.sub(entry, #name + 2)
    end
  end
end
if #ids == 0 then return { 'asked', 0, next_entry } end

-- Keeps the time at which a worker was asked first.
redis.call('ZADD', drained, 'NX', unpack(asked))
redis.call('PUBLISH', registry .. 'asked', 'drain\n' .. table.concat(ids, '\n'))
return { 'asked', #ids, next_entry }
