-- The only place where a job changes status. Status, place, counters and event change together or not at all.

local FINISHED = { completed = completed, failed = failed, cancelled = failed }
local FEED_KEPT = 64
local SOON_MS = 5000

local function event_line(seq, at, to, round, attempt, payload)
  return 't\n' .. seq .. '\n' .. at .. '\n' .. to .. '\n' .. round .. '\n' .. attempt .. '\n' .. payload
end

local function leave(job)
  if job.status == 'running' then
    collect('ZREM', leases, job.id)
    if job.concurrency then
      mending('SREM', slots_key(job.concurrency), job.id)
      wake(job.concurrency)
    end
    if is_full then
      redis.call('HDEL', meta, 'full')
      is_full = false
      ring(1)
    end
  elseif job.status == 'scheduled' or job.status == 'retrying' then
    redis.call('ZREM', scheduled[job.priority], job.id)
  elseif FINISHED[job.status] then
    redis.call('ZREM', FINISHED[job.status], job.id)
    unindex(job.id, job.status)
  elseif job.status == 'queued' and group_of(job) then
    redis.call('ZREM', grouped, job.id)
  end
  -- The id of a queued job stays in its waiting list, because removing it would mean searching the list. `claim` discards it, or
  -- `compact`.
end

local function enter(job, to, now, how)
  if to == 'queued' then
    local group = group_of(job)
    if group then
      push_grouped(group, job, how.front)
      redis.call('ZADD', grouped, now, job.id)
    else
      if how.front then
        redis.call('RPUSH', waiting[job.priority], job.id)
        -- `compact` copies from this end, and would miss the job.
        redis.call('HDEL', meta, 'compacting')
      else
        collect('LPUSH', waiting[job.priority], job.id)
      end
    end
  elseif to == 'scheduled' or to == 'retrying' then
    local delayed = scheduled[job.priority]
    redis.call('ZADD', delayed, text_of(how.due), job.id)
    -- An idle worker sleeps until the due time that was the next one when it last asked, so an earlier one must wake it. A later one
    -- need not: every worker asks at least every 4 s.
    if how.due - now < SOON_MS and redis.call('ZRANGE', delayed, 0, 0)[1] == job.id then ring(1) end
  elseif to == 'running' then
    collect('ZADD', leases, text_of(how.expires), job.id)
    if job.concurrency then mending('SADD', slots_key(job.concurrency), job.id) end
  else
    collect('ZADD', FINISHED[to], text_of(now), job.id)
    index(job.id, to, now)
    if job.unique and redis.call('HGET', unique, job.unique) == job.id then redis.call('HDEL', unique, job.unique) end
    if job.idempotency then
      -- The idempotency record expires from now on. Until it has, a repeated submit must find the job, or at least that it existed.
      local record = idempotency_key(job.idempotency)
      local kept = mending('GET', record)
      if kept and string.sub(kept, 1, #job.id + 1) == job.id .. '\n' then
        local fingerprint = string.match(kept, '^[^\n]*\n([^\n]*)')
        redis.call('SET', record, job.id .. '\n' .. fingerprint .. '\n' .. to, 'PX', how.remember)
      end
    end
  end
end

-- Moves a job to another status. `job` comes from load_job, or from `store` for a new one. `how` contains:
--   due       score for scheduled and retrying      expires   score for running
--   front     whether to queue at the claiming end  remember  ms to keep an idempotency record after a final status
--   payload   output or error of the event, encoded, or the worker that runs the job
--   fields    further fields of the hash, a flat list
--   is_lost, is_untimed   see lib/history.lua
-- Returns the new seq as a text.
local function move(job, to, now, how)
  tally(job, to, now, how)
  leave(job)
  -- Once it has started or ended, the job can no longer miss its `startWithin`.
  if job.start_by and to ~= 'queued' and to ~= 'scheduled' then
    redis.call('ZREM', expiring, job.id)
    job.start_by = nil
  end
  if job.status then count(job.status, -1) end
  count(to, 1)
  -- `store` counts a new job.
  if job.status and not FINISHED[job.status] ~= not FINISHED[to] then
    count_stored(job, FINISHED[to] and -1 or 1)
  end

  local seq, at, payload = text_of(job.seq + 1), text_of(now), how.payload or ''
  job.status, job.seq, job.rev, job.at = to, seq, '0', at
  if how.fields then
    redis.call('HSET', job_key(job.id), 'state', state_of(job), unpack(how.fields))
  else
    redis.call('HSET', job_key(job.id), 'state', state_of(job))
  end
  enter(job, to, now, how)

  -- The first event is derived from the hash, and the payload of the final one is in the hash. So most jobs only need a short list of
  -- two lines. The first one is not published either, because a watch of a job that does not exist yet ends.
  if seq ~= '1' then
    local feed, event = feed_key(job.id), event_line(seq, at, to, job.round, job.attempt, payload)
    announce(feed, event)
    if payload ~= '' and (to == 'completed' or to == 'failed') then
      event = event_line(seq, at, to, job.round, job.attempt, '')
    end
    local length = mending('RPUSH', feed, event)
    if length > FEED_KEPT then redis.call('LTRIM', feed, -FEED_KEPT, -1) end
  end
  return seq
end

-- Deletes a finished job and all keys that belong only to it. Its idempotency record expires by itself.
local function erase(id, status)
  redis.call('ZREM', FINISHED[status], id)
  unindex(id, status)
  disown(id)
  redis.call('HINCRBY', meta, status, -1)
  redis.call('DEL', errors_key(id), job_key(id), feed_key(id), chunks_key(id), logs_key(id))
end

-- Records a change without a new status: progress or a requested cancel. It gets the next rev. `progress` is the new report, or nil.
local function revise(job, now, progress)
  job.rev = text_of(job.rev + 1)
  if progress then
    redis.call('HSET', job_key(job.id), 'state', state_of(job), 'progress', progress)
  else
    redis.call('HSET', job_key(job.id), 'state', state_of(job))
    progress = job.progress_n and redis.call('HGET', job_key(job.id), 'progress')
  end
  announce(feed_key(job.id), 'r\n' .. job.seq .. '\n' .. job.at .. '\n' .. job.rev .. '\n' .. text_of(now)
    .. '\n' .. job.round .. '\n' .. job.attempt .. '\n' .. (job.cancel_requested and '1' or '0') .. '\n' .. (progress or ''))
end

-- Stores a progress report, given as its number and the encoded value. Settling calls carry the report that was still waiting in the
-- worker, or '' for none. A number that was seen before means that the call was sent again.
local function report(job, now, text)
  if text == '' then return end
  local n, progress = string.match(text, '^(%d+) (.*)$')
  if not n or tonumber(n) <= tonumber(job.progress_n or '0') then return end
  job.progress_n = n
  revise(job, now, progress)
end

-- Cancels a job that did not start within its `startWithin`: queued, scheduled -> cancelled.
local function expire(job, now, remember)
  move(job, 'cancelled', now, { payload = 'expired', remember = remember, fields = { 'cancelled_by', 'expired' } })
end
