#!lua flags=allow-oom
-- cancel: scheduled, queued, retrying -> cancelled. A running job is marked, and its worker is notified.
--
-- ARGV  1 clock   2 remember ms   3 id   4 request id
-- Reply {'cancelled'} | {'requested'} | {'already_finished'} | {'not_found'}
--
-- Idempotent by request id: a call that is sent again gets 'cancelled' again, not 'already_finished'.

local now, remember, id, request = read_clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

local job = load_job(id)
if not job then return { 'not_found' } end
local outcome, has_changed = cancel_job(job, request, now, remember)
if has_changed then
  keep_clock(now)
  finish()
end
return { outcome }
