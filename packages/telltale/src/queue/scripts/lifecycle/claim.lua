#!lua flags=allow-oom
-- claim: queued -> running for as many jobs as one worker should take now; fence + 1.
--
-- ARGV  1 clock   2 claim loop   3 request id   4 room   5 lease ms   6 remember ms   7 the worker, for the job's feed
--       8 concurrency limit of the queue or ''   9 rate limit of the queue or ''   10 its window, ms   then 4 for each kind with limits
--       per key: kind, concurrency limit of a key or '', rate limit of a key or '', its window, ms
-- Reply {'claimed', more 0|1, deserted 0|1, ms until the next job is due or -1, now, {id …} of jobs that were too late, then 2 for each job:
--       'id fence attempt round' with the text `job` of its record on the next line, input}
--
-- Idempotent by request id, with one outstanding request per loop: a repeat returns the jobs that are still held, and renews their
-- leases. A claim takes a quarter of the waiting jobs, so that one worker does not empty a short queue while others are idle. One of
-- every 16 jobs comes from the lowest priority that has any, so that nothing starves. Jobs with and without limit keys take turns,
-- for that one too. A due job competes by its priority even if `promote` has not queued it yet. A paused queue returns no jobs.

local now, queued, handed, turn, worked, compacting =
  read_clock(ARGV[1], 'queued', 'handed', 'turn', 'worked', 'compacting')
local loop_key, request, room, lease = prefix .. 'claim:' .. ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local remember, worker, most_running = ARGV[6], ARGV[7], tonumber(ARGV[8])
local most_starts, starts_per = tonumber(ARGV[9]), tonumber(ARGV[10])
local key_limits = {}
for i = 11, #ARGV, 4 do
  local kind, running, starts, per = unpack(ARGV, i, i + 3)
  key_limits[kind] = { running = tonumber(running), starts = tonumber(starts), per = tonumber(per) }
end
local NO_LIMITS = {}
local MOST, DISCARDS = 100, 200
-- Parking a group costs as much as skipping this many ids.
local GROUP_DISCARD = 4
local DOWN = PRIORITIES
local UP = { 'low', 'normal', 'high', 'urgent' }
-- The key for the rate limit of the whole queue. Limit keys of jobs are never empty, so '' is not taken.
local queue_starts = starts_key('')

handed = tonumber(handed or '0')
-- The number of ids that did not lead to a start: of jobs that were cancelled while waiting, that a rerun had queued twice, or that no
-- longer exist. Each group that may not start a job now adds GROUP_DISCARD.
local discarded = 0
local late = {}
local has_delayed = redis.call('EXISTS', scheduled.urgent, scheduled.high, scheduled.normal, scheduled.low) > 0
-- The number of jobs that this claim still wants, and of due jobs that it has queued or found to be gone.
local wanted, promoted = 0, 0
local has_no_due = {}
-- The priorities whose waiting list has no more ids.
local is_empty = {}
-- Ids that `pop_first` popped from a list and did not look at yet, the next one last.
local popped = { ids = {} }

local function add_leased(jobs, job)
  -- Everything could be read from a line that does not have its form, but a worker only parses one that does.
  local line = job.has_numbers and job.line or fixed_of(job) .. options_of(job)
  jobs[#jobs + 1] = job.id .. ' ' .. job.fence .. ' ' .. job.attempt .. ' ' .. job.round .. '\n' .. line
  jobs[#jobs + 1] = job.input or ''
end

local function still_held(record)
  local jobs, expires = {}, text_of(now + lease)
  keep_clock(now)
  redis.call('PEXPIRE', loop_key, lease * 2)
  for id, fence in string.gmatch(record, '\n(%S+) (%d+)') do
    local job = load_job(id, 'input')
    if job and holds_lease(job, fence) and not damage_of_rest(job) then
      redis.call('ZADD', leases, 'XX', expires, id)
      add_leased(jobs, job)
    end
  end
  return jobs
end

-- Returns the job of an id from a waiting list, or nil if it must not start.
local function startable(id)
  local job, damage, status = load_job(id, 'input')
  if job and job.status == 'queued' then
    damage = damage_of_rest(job)
    status = job.status
    if not damage then
      if not job.start_by or tonumber(job.start_by) >= now then return job end
      expire(job, now, remember)
      late[#late + 1] = id
    end
  end
  if damage and (status == 'queued' or not status) then suspect(id, 'waiting', now) end
  discarded = discarded + 1
  return nil
end

-- Returns until when the limit keys of a job forbid its start, and whether that is because no slot is free. The first value is nil if
-- it may start.
local function blocked_until(job)
  local limits = key_limits[job.kind] or NO_LIMITS
  if job.concurrency and limits.running and not has_slot(job.concurrency, limits.running) then
    return now + PARKED_MS, true
  end
  if job.rate and limits.starts then return next_start(starts_key(job.rate), limits.starts, limits.per, now), false end
  return nil, false
end

-- `compact` counts ids from this end, and would skip as many as are taken.
local function end_compacting(list)
  if compacting and waiting[PRIORITIES[tonumber(string.match(compacting, '^%d'))]] == list then
    redis.call('HDEL', meta, 'compacting')
    compacting = nil
  end
end

-- Returns the most urgent job, or with UP the least urgent one, of a queue without limit keys and due jobs. Pops as many ids as the
-- claim will take in this order, unless a limit may end it before.
local function pop_first(priorities)
  while discarded < DISCARDS do
    if #popped.ids == 0 then
      local is_single = priorities == UP or most_running or most_starts
      local lists = {}
      for i, priority in ipairs(priorities) do lists[i] = waiting[priority] end
      local found = redis.call('LMPOP', 4, lists[1], lists[2], lists[3], lists[4], 'RIGHT', 'COUNT',
        is_single and 1 or math.min(wanted, 15 - handed % 16))
      if not found then return nil end
      local count = #found[2]
      end_compacting(found[1])
      popped = { list = found[1], ids = {} }
      for i, id in ipairs(found[2]) do popped.ids[count + 1 - i] = id end
    end
    local job = startable(table.remove(popped.ids))
    if job then return job end
  end
  return nil
end

-- Puts ids back that were popped and not looked at, because too many others were discarded.
local function give_back()
  if #popped.ids > 0 then redis.call('RPUSH', popped.list, unpack(popped.ids)) end
end

local function pop_plain(priority)
  while discarded < DISCARDS and not is_empty[priority] do
    local id = redis.call('RPOP', waiting[priority])
    if not id then
      is_empty[priority] = true
      return nil
    end
    end_compacting(waiting[priority])
    local job = startable(id)
    if job then return job end
  end
  return nil
end

-- Returns the job at the claiming end of a group's list, and leaves it in the list.
local function head(list)
  while discarded < DISCARDS do
    local id = mending('LINDEX', list, -1)
    if not id then return nil end
    local job = startable(id)
    if job then return job end
    redis.call('RPOP', list)
    redis.call('ZREM', grouped, id)
  end
  return nil
end

local function pop_grouped(priority)
  while discarded < DISCARDS do
    local group = redis.call('ZPOPMIN', turns[priority])[1]
    if not group then return nil end
    local list = group_key(group, priority)
    local job = head(list)
    local until_ms, wants_slot
    if job then until_ms, wants_slot = blocked_until(job) end
    if job and not until_ms then
      redis.call('RPOP', list)
      if redis.call('EXISTS', list) == 1 then queue_up(group, priority) end
      return job
    end
    if job then
      park(group, math.min(until_ms, now + PARKED_MS))
    elseif redis.call('EXISTS', list) == 1 then
      queue_up(group, priority)
    end
    if wants_slot then
      mending('ZADD', blocked_key(job.concurrency), 'NX', next_turn(), group)
    else
      -- The group did not use a slot that may be free, so the next waiting group gets its chance.
      wake(slot_of(group))
    end
    discarded = discarded + GROUP_DISCARD
  end
  return nil
end

local function pop_queued(priority, turns)
  if not turn then return pop_plain(priority) end
  if turns % 2 == 0 then return pop_plain(priority) or pop_grouped(priority) end
  return pop_grouped(priority) or pop_plain(priority)
end

-- Queues as many due jobs of this priority as are still wanted. Returns whether there were any.
local function promote_some(priority)
  if not has_delayed or has_no_due[priority] or discarded >= DISCARDS then return false end
  local queued, taken = promote_due(priority, now, math.min(wanted, MOST - promoted))
  write_places()
  promoted = promoted + taken
  has_no_due[priority] = taken == 0
  is_empty[priority] = false
  -- The queue may have had no jobs with limit keys until now.
  if queued > 0 then turn = redis.call('HGET', meta, 'turn') end
  return taken > 0
end

local function pop()
  local is_for_lowest = handed % 16 == 15
  local priorities = is_for_lowest and UP or DOWN
  if not turn and not has_delayed then return pop_first(priorities) end
  local turns = is_for_lowest and math.floor(handed / 16) or handed
  for _, priority in ipairs(priorities) do
    local job = pop_queued(priority, turns)
    while not job and promote_some(priority) do job = pop_queued(priority, turns) end
    if job then return job end
  end
  return nil
end

local function start(job)
  local limits = key_limits[job.kind] or NO_LIMITS
  handed = handed + 1
  job.fence, job.attempt = text_of(job.fence + 1), text_of(job.attempt + 1)
  if job.progress_n then
    redis.call('HDEL', job_key(job.id), 'progress')
    job.progress_n = nil
  end
  move(job, 'running', now, { expires = now + lease, payload = worker })
  if most_starts then note_start(queue_starts, most_starts, starts_per, now) end
  if job.rate and limits.starts then note_start(starts_key(job.rate), limits.starts, limits.per, now) end
end

local function count_running()
  write_places()
  return redis.call('ZCARD', leases)
end

-- Returns the jobs. If a limit of the queue itself ended the claim, also returns when to ask again (-1: when a slot is freed).
local function take()
  if is_paused then return {}, nil end
  local waiting_now = tonumber(queued or '0')
  if has_delayed then
    for _, priority in ipairs(PRIORITIES) do
      waiting_now = waiting_now + redis.call('ZCOUNT', scheduled[priority], '-inf', now)
    end
  end
  local want = math.min(room, math.max(1, math.ceil(waiting_now / 4)), MOST)
  local jobs, taken, record, opens_at = {}, 0, { request }, nil
  while taken < want do
    if most_running and count_running() >= most_running then
      if waiting_now > taken then redis.call('HSET', meta, 'full', '1') end
      opens_at = -1
      break
    end
    opens_at = most_starts and next_start(queue_starts, most_starts, starts_per, now)
    if opens_at then break end
    wanted = want - taken
    local job = pop()
    if not job then break end
    start(job)
    add_leased(jobs, job)
    taken = taken + 1
    record[taken + 1] = job.id .. ' ' .. job.fence
  end
  give_back()
  if taken > 0 then
    redis.call('SET', loop_key, table.concat(record, '\n'), 'PX', lease * 2)
    keep_clock(now, 'handed', text_of(handed))
  elseif promoted > 0 then
    keep_clock(now)
  end
  return jobs, opens_at
end

-- Returns how many jobs, or groups with jobs, can be claimed now, according to counters and lists.
local function claimable()
  if not turn then return tonumber(queued or '0') + (counts.queued or 0) end
  write_places()
  local count = 0
  for _, priority in ipairs(PRIORITIES) do
    count = count + redis.call('LLEN', waiting[priority]) + redis.call('ZCARD', turns[priority])
  end
  return count
end

-- Returns whether the queue has nothing that upkeep looks after: no unfinished jobs, no schedules, and no records to repair. What must
-- be deleted some day can wait.
local function is_deserted()
  return redis.call('EXISTS', leases, grouped, expiring, instants, suspects, aside, waiting.urgent, waiting.high, waiting.normal,
    waiting.low, scheduled.urgent, scheduled.high, scheduled.normal, scheduled.low) == 0
end

note_worker(worked, now)

local record = mending('GET', loop_key)
local jobs, opens_at
local is_repeat = record and string.sub(record .. '\n', 1, #request + 1) == request .. '\n'
if is_repeat then
  jobs = still_held(record)
else
  jobs, opens_at = take()
end

local left = opens_at and 0 or claimable()
if left < 1 then
  redis.call('DEL', bell)
elseif #jobs > 0 and not is_repeat then
  ring(left)
end
finish()

-- If no job was found and few ids were discarded, the lists are empty, whatever the counter says.
local more = left > 0 and (#jobs > 0 or discarded >= DISCARDS)
local deserted = #jobs == 0 and not more and is_deserted()
return { 'claimed', more and 1 or 0, deserted and 1 or 0, next_due(now, has_delayed, turn, opens_at), now, late, unpack(jobs) }
