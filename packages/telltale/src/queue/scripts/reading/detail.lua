#!lua flags=no-writes
-- detail: a job with its input, options, feed and the errors of its attempts, read atomically.
--
-- ARGV  1 id
-- Reply {'job', {value, …}, due time or '', errors, feed} | {'not_found'}; absent values are ''

local id = ARGV[1]

local job = load_shown(id)
if not job then return { 'not_found' } end
local progress, output, err, input = unpack(redis.call('HMGET', job_key(id), 'progress', 'output', 'error', 'input'))
local errors, feed = redis.pcall('LRANGE', errors_key(id), 0, -1), redis.pcall('LRANGE', feed_key(id), 0, -1)
local delayed = scheduled[job.priority]
local due = delayed and redis.call('ZSCORE', delayed, id) or ''
local values = { job.kind, job.owner or '', job.status, job.seq, job.rev, job.at, job.round, job.attempt, job.created_at,
  progress or '', output or '', err or '', job.cancel_requested or '', job.tags or '', job.priority or '', job.attempts, input or '' }
return { 'job', values, due, errors.err and {} or errors, feed.err and {} or feed }
