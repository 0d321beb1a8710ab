-- The history of a queue: for each kind, how many jobs were submitted, started, completed and so on, and how long they waited and ran.
-- A change of status is counted by the script that makes it, so a call that is sent again counts nothing.
--
-- The hash `history` has the counts of one minute, that of the field `minute` of `meta`. The first script that counts in another minute
-- adds them to those of their minute, their hour and all time. After the clock was set back, that other minute is an earlier one.
--
-- A count has a number: the bucket of the job's waiting time (if it started) or of its running time, plus
--   0 started   100 completed   200 failed   300 retried   400 cancelled   500 submitted   600 lease lost
-- It is 99 instead of a bucket for what has no time: a submit, a lost lease, and an end that no worker reported.
--
-- These are few functions with few names from outside on purpose: Lua creates each function again with every call, and looks for each
-- such name. All that is needed once a minute is created once a minute.

-- The counts of this script, by kind and number, and its time if there are any.
local tallies, tallied_at = {}, nil

-- Counts a change of status. Call it before the job changes. `how` may have:
--   is_lost      the lease expired, so when the attempt ended is not known
--   is_untimed   the record is damaged, so it does not tell when the attempt began
local function tally(job, to, now, how)
  local from, code = job.status, 99
  if to == 'running' or from == 'running' and not how.is_lost and not how.is_untimed then
    -- Buckets begin at 0, 1, 1.5, 2, 3, 4, 6, 8, 12 … ms: two for each power of two. The last one begins at 28 hours. After the clock was
    -- set back, a time may be negative.
    local ms = now - job.at
    code = 0
    if ms >= 1 then
      local part, exponent = math.frexp(ms)
      code = 2 * exponent - (part < 0.75 and 1 or 0)
      if code > 54 then code = 54 end
    end
  end
  if to == 'completed' then
    code = code + 100
  elseif to == 'failed' then
    code = code + 200
  elseif to == 'retrying' then
    code = code + 300
  elseif to == 'cancelled' then
    code = code + 400
  elseif to ~= 'running' then
    -- A rerun submits a job again. A job that was promoted or given back is still the same one.
    if from and from ~= 'completed' and from ~= 'failed' and from ~= 'cancelled' then return end
    code = 599
  end
  tallied_at = now
  local counted = tallies[job.kind]
  if counted then
    counted[code] = (counted[code] or 0) + 1
  else
    counted = { [code] = 1 }
    tallies[job.kind] = counted
  end
  if how.is_lost then counted[699] = (counted[699] or 0) + 1 end
end

-- Writes what was counted. What something else than Telltale wrote to these keys is dropped, because history must not stop jobs.
local function write_history()
  if not tallied_at then return end
  local history, now = prefix .. 'history', tallied_at
  -- What exceeds these bounds is counted under the kind '*'. With them, a minute is closed in a few ms.
  local MOST_COUNTS, MOST_KINDS, OTHERS = 500, 32, '*'
  local minute = math.floor(now / 60000)
  if minute ~= open_minute then
    local function close_minute()
      local totals = prefix .. 'totals'
      local stored, kinds, counts, sums = mending('HGETALL', history), {}, {}, {}
      local room = MOST_KINDS - mending('HLEN', totals) + (redis.call('HGET', totals, OTHERS) and 1 or 0)
      redis.call('DEL', history)
      for i = 1, #stored, 2 do
        local code, kind = string.match(stored[i], '^(%d+) (%S+)$')
        local n = string.match(stored[i + 1], '^%d+$')
        if code and #code <= 3 and n then
          if not counts[kind] and kind ~= OTHERS and not redis.call('HGET', totals, kind) then
            if room < 1 or #kind > 64 then kind = OTHERS else room = room - 1 end
          end
          if not counts[kind] then
            kinds[#kinds + 1] = kind
            counts[kind], sums[kind] = {}, {}
          end
          counts[kind][code] = (counts[kind][code] or 0) + n
          -- The totals have no times.
          local untimed = tostring(code - code % 100 + 99)
          sums[kind][untimed] = (sums[kind][untimed] or 0) + n
        end
      end
      if #kinds == 0 then return end

      -- Adds counts by kind and number to the lines of a hash, such as '3=12 599=12'.
      local function add_to(key, start, added)
        local fields, writes = {}, {}
        for i, kind in ipairs(kinds) do fields[i] = start .. kind end
        local lines = mending('HMGET', key, unpack(fields))
        for i, kind in ipairs(kinds) do
          local sum, words = added[kind], {}
          if lines[i] then
            sum = {}
            for code, n in string.gmatch(lines[i] .. ' ', '(%d+)=(%d+) ') do
              sum[code] = (sum[code] or 0) + n
            end
            for code, n in pairs(added[kind]) do sum[code] = (sum[code] or 0) + n end
          end
          for code, n in pairs(sum) do words[#words + 1] = code .. '=' .. n end
          writes[2 * i - 1], writes[2 * i] = fields[i], table.concat(words, ' ')
        end
        redis.call('HSET', key, unpack(writes))
      end

      -- Adds to the key of all buckets in `length` ms, which expires when the last one is older than `kept` ms. Buckets that are ahead of
      -- the clock, because it was set back, are not kept longer than others.
      local function add_within(keys, length, start, kept)
        local number = math.floor(open_minute * 60000 / length)
        local left = math.min((number + 1) * length - now, length) + kept
        if left <= 0 then return end
        add_to(keys .. number, start, counts)
        redis.call('PEXPIRE', keys .. number, left)
      end

      add_within(prefix .. 'minutes:', 3600000, open_minute % 60 .. ' ', 6 * 3600000)
      add_within(prefix .. 'hours:', 86400000, math.floor(open_minute / 60) % 24 .. ' ', 30 * 86400000)
      add_to(totals, '', sums)
    end

    if open_minute then close_minute() end
    redis.call('HSET', meta, 'minute', minute)
    open_minute = minute
  end
  for kind, counted in pairs(tallies) do
    for code, n in pairs(counted) do
      local field = code .. ' ' .. kind
      local sum = redis.pcall('HINCRBY', history, field, n)
      if type(sum) == 'table' then
        mending('HDEL', history, field)
        redis.call('HINCRBY', history, field, n)
      elseif sum == n and kind ~= OTHERS and redis.call('HLEN', history) > MOST_COUNTS then
        redis.call('HDEL', history, field)
        redis.call('HINCRBY', history, code .. ' ' .. OTHERS, n)
      end
    end
  end
  tallies, tallied_at = {}, nil
end
