#!lua
-- rerun: completed, failed, cancelled -> queued, in a new round. seq and fence continue; attempts start from 1 again.
--
-- ARGV  1 clock   2 id   3 the round that has ended   4 most unfinished jobs of its account, or ''   5 most bytes of their inputs, or ''
-- Reply {'queued', seq} | {'not_finished'} | {'unique_conflict', id} | {'too_many', 'jobs' | 'bytes'} | {'not_found'}
--
-- Idempotent by round: a call that is sent again finds the job in the next round and gets the same reply.

local now, id, round, most_jobs, most_bytes = read_clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local reply, has_changed = rerun_job(id, round, most_jobs, most_bytes, now)
if has_changed then
  keep_clock(now)
  ring(1)
  finish()
end
return reply
