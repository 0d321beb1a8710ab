#!lua flags=no-writes
-- read-history: the counts of a queue in some hours or days; see lib/history.lua.
--
-- ARGV  1 clock   2 minutes | hours   3 number of the first hour or day since 1970   4 that of the last one   5 kind or '' for all
-- Reply {'history', now, number of the next hour or day to read, minute of the open counts or -1, {kind, line …} of all time,
--       {number and kind, count …} of the open minute, then {number of an hour or day, minute or hour in it and kind, line …} for each
--       that has any}
--
-- Reads about MOST lines, and stops after an hour or day. A minute is either stored or open, so both are read in one call.

local now, per = read_clock(ARGV[1]), ARGV[2]
local first, last, kind = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local MOST, COST_OF_KEY = 1500, 20
local keys = per == 'minutes' and prefix .. 'minutes:' or prefix .. 'hours:'

-- A value of another type counts as nothing. The next script that writes there deletes it.
local function all_of(key)
  local found = redis.pcall('HGETALL', key)
  return found.err and {} or found
end

local function lines_in(key)
  if kind == '' then return all_of(key) end
  local fields, found = {}, {}
  for i = 1, per == 'minutes' and 60 or 24 do fields[i] = (i - 1) .. ' ' .. kind end
  local lines = redis.pcall('HMGET', key, unpack(fields))
  for i = 1, lines.err and 0 or #fields do
    if lines[i] then found[#found + 1], found[#found + 2] = fields[i], lines[i] end
  end
  return found
end

local reply = { 'history', now, first, open_minute or -1, all_of(prefix .. 'totals'), all_of(prefix .. 'history') }
local read, number = 0, first
while number <= last and read < MOST do
  local found = lines_in(keys .. text_of(number))
  read = read + COST_OF_KEY + #found / 2
  if #found > 0 then
    table.insert(found, 1, text_of(number))
    reply[#reply + 1] = found
  end
  number = number + 1
end
reply[3] = number
return reply
