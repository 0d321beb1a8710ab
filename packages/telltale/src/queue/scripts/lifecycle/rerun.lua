#!lua
-- rerun: completed, failed, cancelled -> queued: a new round; seq and fence go on, attempts start from 1.
--
-- ARGV  1 clock   2 id   3 round to leave
-- Reply {'queued', seq} | {'not_finished'} | {'unique_conflict', id} | {'not_found'}
--
-- Idempotent by the round it leaves: a re-sent call finds the next round and answers as the first did.

local now, id, round = read_clock(ARGV[1]), ARGV[2], ARGV[3]

local job = load_job(id)
if not job then return { 'not_found' } end
if job.round ~= round then return { 'queued', job.seq } end
if not FINISHED[job.status] then return { 'not_finished' } end
local holder = job.unique and redis.call('HGET', unique, job.unique)
if holder and holder ~= id and redis.call('EXISTS', job_key(holder)) == 1 then return { 'unique_conflict', holder } end

keep_clock(now)
-- The round's last event left its payload in the hash, which the new round overwrites: it moves into the feed.
local ended = redis.call('HMGET', job_key(id), 'output', 'error')
local payload = job.status == 'completed' and ended[1] or job.status == 'failed' and ended[2] or ''
if payload ~= '' and mending('LLEN', feed_key(id)) > 0 then
  redis.call('LSET', feed_key(id), -1, event_line(job.seq, job.at, job.status, job.round, job.attempt, payload))
end
if job.unique then redis.call('HSET', unique, job.unique, id) end
-- Only its own: the record may have run out and another job have taken the key since.
local kept = job.idempotency and mending('GET', idempotency_key(job.idempotency))
if kept and string.sub(kept, 1, #id + 1) == id .. '\n' then redis.call('PERSIST', idempotency_key(job.idempotency)) end
redis.call('HDEL', job_key(id), 'output', 'error', 'progress', 'progress_n', 'cancel_requested', 'cancelled_by',
  'chunk_count', 'chunk_bytes', 'chunk_fence', 'chunk_seen', 'chunk_end')
redis.call('DEL', chunks_key(id))
job.round, job.attempt = job.round + 1, 0
local seq = move(job, 'queued', now, {})
-- Not with the rest: what the job leaves by its error's code it leaves in `move`.
redis.call('HDEL', job_key(id), 'error_code')
ring(1)
publish_all()
return { 'queued', tostring(seq) }
