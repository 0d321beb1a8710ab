#!lua flags=allow-oom
-- obliterate: any status -> none. Deletes a paused queue without running jobs, in bounded steps. Only its layout version remains.
--
-- ARGV  1 max jobs   then the names of the queue's own keys
-- Reply {'obliterated', number of deleted jobs, whether there is more 0|1} | {'not_paused'} | {'running', number of jobs}
--
-- A call that is sent again after the last one finds an empty queue.

local left = tonumber(ARGV[1])
local deleted = 0

-- Deletes a job with its entries in indexes and the keys of its limits. The lists of groups are deleted whole.
local function drop(id)
  left = left - 1
  local job = inspect(id)
  if not job then return end
  if INDEXED[job.status] then unindex(id, job.status) end
  local group = group_of(job)
  if group then
    for _, priority in ipairs(PRIORITIES) do redis.call('UNLINK', group_key(group, priority)) end
  end
  if job.concurrency then redis.call('UNLINK', slots_key(job.concurrency), blocked_key(job.concurrency)) end
  if job.rate then redis.call('UNLINK', starts_key(job.rate)) end
  erase_keys(id)
  deleted = deleted + 1
end

local function drop_listed(list)
  local ids = left > 0 and redis.call('LPOP', list, left) or {}
  for _, id in ipairs(ids or {}) do drop(id) end
end

-- `pattern` finds the id in an entry.
local function drop_sorted(set, pattern)
  local entries = left > 0 and redis.call('ZPOPMIN', set, left) or {}
  for i = 1, #entries, 2 do drop(string.match(entries[i], pattern) or entries[i]) end
end

local is_new = redis.call('HLEN', meta) <= 1
if redis.call('HGET', meta, 'paused') ~= '1' then return is_new and { 'obliterated', 0, 0 } or { 'not_paused' } end
local running = redis.call('ZCARD', leases)
if running > 0 then return { 'running', running } end

-- Lists of groups are deleted with the first of their jobs, so a queue that is half deleted must not be resumed.
redis.call('HSET', meta, 'obliterating', '1')
for _, priority in ipairs(PRIORITIES) do
  drop_listed(waiting[priority])
  drop_sorted(scheduled[priority], '^.*$')
end
for _, set in ipairs({ grouped, completed, failed }) do drop_sorted(set, '^.*$') end
drop_sorted(suspects, '\n(.*)$')
drop_sorted(aside, '^[^\n]*')
if left <= 0 then return { 'obliterated', deleted, 1 } end

local layout = redis.call('HGET', meta, 'layout')
for i = 2, #ARGV do redis.call('UNLINK', prefix .. ARGV[i]) end
-- What was counted in finished minutes expires.
redis.call('UNLINK', prefix .. 'history', prefix .. 'totals')
if layout then redis.call('HSET', meta, 'layout', layout) end
return { 'obliterated', deleted, 0 }
