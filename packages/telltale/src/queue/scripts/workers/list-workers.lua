#!lua flags=no-writes
-- list-workers: the workers that are there, by name and id.
--
-- KEYS  1 the registry's `seen`
-- ARGV  1 clock   2 number of entries to read   3 entry to continue after, or ''
-- Reply {'workers', now, number of all workers that are there, entry to continue after or '', then for each worker: entry,
--        when it was last seen, whether it was asked to stop claiming 0|1, record}

local now, limit, after = time_now(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local total = redis.call('ZCOUNT', last_seen, '(' .. (now - GONE_MS), '(' .. (now + GONE_MS))
local first = after ~= '' and '(' .. after or '-'
local entries = redis.call('ZRANGE', roster, first, '+', 'BYLEX', 'LIMIT', 0, limit)
local reply = { 'workers', now, total, #entries == limit and entries[limit] or '' }
if #entries == 0 then return reply end

local times = redis.call('ZMSCORE', last_seen, unpack(entries))
local asked = redis.call('ZMSCORE', drained, unpack(entries))
local texts_of = redis.call('HMGET', records, unpack(entries))
for i, entry in ipairs(entries) do
  if is_there(times[i], now) and texts_of[i] then
    local n = #reply
    reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = entry, times[i], asked[i] and 1 or 0, texts_of[i]
  end
end
return reply
