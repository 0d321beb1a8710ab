-- Starts a new round of a finished job: completed, failed, cancelled -> queued. seq and fence continue; attempts start from 1 again.
-- Returns the reply of `rerun`, and whether anything was written. Idempotent by the round that has ended.
local function rerun_job(id, round, most_jobs, most_bytes, now)
  local job = load_job(id)
  if not job then return { 'not_found' } end
  if job.round ~= round then return { 'queued', job.seq } end
  if not FINISHED[job.status] then return { 'not_finished' } end
  local holder = job.unique and redis.call('HGET', unique, job.unique)
  if holder and holder ~= id and redis.call('EXISTS', job_key(holder)) == 1 then return { 'unique_conflict', holder } end
  local account = account_of(job)
  local limit = account and exceeded(account, redis.call('HSTRLEN', job_key(id), 'input'), most_jobs, most_bytes)
  if limit then return { 'too_many', limit } end

  -- The payload of the round's last event is in the hash. The new round overwrites it, so it is moved into the feed.
  local ended = redis.call('HMGET', job_key(id), 'output', 'error')
  local payload = job.status == 'completed' and ended[1] or job.status == 'failed' and ended[2] or ''
  if payload ~= '' and mending('LLEN', feed_key(id)) > 0 then
    redis.call('LSET', feed_key(id), -1, event_line(job.seq, job.at, job.status, job.round, job.attempt, payload))
  end
  if job.unique then redis.call('HSET', unique, job.unique, id) end
  -- Only if the record is still this job's: it may have expired, and another job may have the key now.
  local kept = job.idempotency and mending('GET', idempotency_key(job.idempotency))
  if kept and string.sub(kept, 1, #id + 1) == id .. '\n' then redis.call('PERSIST', idempotency_key(job.idempotency)) end
  redis.call('HDEL', job_key(id), 'output', 'error', 'progress', 'cancelled_by', 'chunk_count', 'chunk_bytes',
    'chunk_fence', 'chunk_seen', 'chunk_end')
  redis.call('DEL', chunks_key(id))
  job.settled = settled_in_full(job)
  job.round, job.attempt, job.progress_n, job.cancel_requested = job.round + 1, 0, nil, nil
  local seq = move(job, 'queued', now, {})
  -- Deleted separately, because `move` needs the error's code to remove the job from its index.
  redis.call('HDEL', job_key(id), 'error_code')
  return { 'queued', seq }, true
end
