-- Limits per key. A job with limit keys waits in the list of its group, which contains all jobs with the same limit keys and
-- priority. Groups that may start a job are sorted by their turn. A group that may not is parked: it has no turn until a slot of its
-- limit key is freed or its time has come. Queues without limit keys have none of these keys in Redis.

-- A parked group is also checked after this time, in case a wake was lost.
local PARKED_MS = 30000

-- Returns the name of a job's group, or nil for a job without limit keys. The name contains the concurrency key, because `slot_of`
-- needs it after the group's last job is gone.
local function group_of(job)
  local slot, rate = job.concurrency, job.rate
  if not slot or not rate or slot == rate then return slot or rate or nil end
  return #slot .. ':' .. slot .. rate
end

local function slot_of(group)
  local length, rest = string.match(group, '^(%d+):(.*)$')
  return length and string.sub(rest, 1, tonumber(length)) or group
end

local function next_turn() return redis.call('HINCRBY', meta, 'turn', 1) end

-- Gives the group a turn after all others, unless it already has one.
local function queue_up(group, priority) redis.call('ZADD', turns[priority], 'NX', next_turn(), group) end

local function park(group, until_ms)
  for _, priority in ipairs(PRIORITIES) do redis.call('ZREM', turns[priority], group) end
  redis.call('ZADD', parked, until_ms, group)
end

-- Returns whether the group was parked and has jobs.
local function unpark(group)
  if redis.call('ZREM', parked, group) == 0 then return false end
  local has_jobs = false
  for _, priority in ipairs(PRIORITIES) do
    if redis.call('EXISTS', group_key(group, priority)) == 1 then
      queue_up(group, priority)
      has_jobs = true
    end
  end
  return has_jobs
end

-- Lets the group that has waited longest for a slot of this key try again.
local function wake(slot)
  for _ = 1, 10 do
    local group = mending('ZPOPMIN', blocked_key(slot))[1]
    if not group then return end
    if unpark(group) then
      ring(1)
      return
    end
  end
end

local function push_grouped(group, job, at_front)
  mending(at_front and 'RPUSH' or 'LPUSH', group_key(group, job.priority), job.id)
  if not redis.call('ZSCORE', parked, group) then queue_up(group, job.priority) end
end

-- How many ids of groups' lists a script may still compare, and how many at each end of a list that is longer. Comparing a
-- thousand takes Redis 40 us.
local compares_left = 10000
local COMPARED_AT_END = 1000

local function has(ids, wanted)
  for _, id in ipairs(ids) do
    if id == wanted then return true end
  end
  return false
end

local function remove_from(list, id)
  local length = mending('LLEN', list)
  if length <= compares_left then
    compares_left = compares_left - length
    redis.call('LREM', list, 1, id)
  elseif compares_left >= 2 * COMPARED_AT_END then
    compares_left = compares_left - 2 * COMPARED_AT_END
    if has(redis.call('LRANGE', list, 0, COMPARED_AT_END - 1), id) then
      redis.call('LREM', list, 1, id)
    elseif has(redis.call('LRANGE', list, -COMPARED_AT_END, -1), id) then
      redis.call('LREM', list, -1, id)
    end
  end
end

-- Removes a job that was cancelled while it waited from its group's list, and the group if it has no other. `claim` discards an id
-- that stays because the list is long. Without this, submitting and cancelling would fill a paused queue with lists.
local function drop_grouped(group, job)
  local list = group_key(group, job.priority)
  remove_from(list, job.id)
  if redis.call('EXISTS', list) == 1 then return end
  local had_turn = redis.call('ZREM', turns[job.priority], group) == 1
  for _, priority in ipairs(PRIORITIES) do
    if redis.call('EXISTS', group_key(group, priority)) == 1 then return end
  end
  redis.call('ZREM', parked, group)
  mending('ZREM', blocked_key(slot_of(group)), group)
  -- It may have got its turn because of a free slot, which is then for the next waiting group.
  if had_turn then wake(slot_of(group)) end
end

-- A claim may find many full keys with a thousand holders each. Checking all of them took a tenth of a second. After checking
-- `holders_left` holders, a claim only checks a few of each further key, and so finds free slots a little later.
local FEW_HOLDERS = 10
local holders_left = 1000

-- Slots are derived from leases. A slot whose job has no lease is free.
local function has_slot(slot, most)
  local key = slots_key(slot)
  write_places()
  if mending('SCARD', key) < most then return true end
  local holders = redis.call('SRANDMEMBER', key, math.max(FEW_HOLDERS, holders_left))
  holders_left = holders_left - #holders
  if #holders > 0 then
    local leased = redis.call('ZMSCORE', leases, unpack(holders))
    for i, id in ipairs(holders) do
      if not leased[i] then redis.call('SREM', key, id) end
    end
  end
  return redis.call('SCARD', key) < most
end

-- Returns when the next start with this key is allowed, or nil if it is allowed now. No window of `per` ms contains more than `most`
-- starts.
local function next_start(key, most, per, now)
  local newest, oldest = mending('LINDEX', key, 0), redis.call('LINDEX', key, most - 1)
  -- Starts in the future were recorded before the clock was set back.
  if newest and (tonumber(newest) or 0) > now then
    redis.call('DEL', key)
    return nil
  end
  local at = oldest and (tonumber(oldest) or 0) + per
  return at and at > now and at or nil
end

local function note_start(key, most, per, now)
  redis.call('LPUSH', key, now)
  redis.call('LTRIM', key, 0, most - 1)
  redis.call('PEXPIRE', key, per + 60000)
end

local function first_score(set) return tonumber(redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')[2]) end

-- Returns the ms until the next job is due or a group may try again, or -1 if there is none. `also` is another time to consider, or
-- nil.
local function next_due(now, has_delayed, has_groups, also)
  local first = also and also >= 0 and also or math.huge
  for _, priority in ipairs(has_delayed and PRIORITIES or {}) do
    first = math.min(first, first_score(scheduled[priority]) or math.huge)
  end
  if has_groups then first = math.min(first, first_score(parked) or math.huge) end
  return first < math.huge and math.max(0, first - now) or -1
end
