#!lua flags=no-writes
-- read: a job and its feed, read atomically. Watchers start with it.
--
-- ARGV  1 id
-- Reply {'job', {value, …}, feed} | {'not_found'}; absent values are ''. The input is left out.

local id = ARGV[1]

-- A record that cannot be read is reported as not found. The script that next meets it in its place reports it to `condemn`.
local job = load_shown(id)
if not job then return { 'not_found' } end
local progress, output, err = unpack(redis.call('HMGET', job_key(id), 'progress', 'output', 'error'))
local feed = redis.pcall('LRANGE', feed_key(id), 0, -1)
local values = { job.kind, job.owner or '', job.status, job.seq, job.rev, job.at, job.round, job.attempt, job.created_at,
  job.run_at or '', progress or '', output or '', err or '', job.cancel_requested or '' }
return { 'job', values, feed.err and {} or feed }
