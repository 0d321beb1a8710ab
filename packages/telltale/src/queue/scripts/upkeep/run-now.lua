#!lua flags=allow-oom
-- run-now: scheduled, retrying -> queued before it is due, by an operator. Queues one job, as promote does.
--
-- ARGV  1 clock   2 id
-- Reply {'queued'} | {'not_waiting'} | {'not_found'}; 'queued' also for a job that is queued or running already, as after a call
--       that is sent again

local now, id = read_clock(ARGV[1]), ARGV[2]

local job = load_job(id)
if not job then return { 'not_found' } end
if job.status == 'queued' or job.status == 'running' then return { 'queued' } end
if job.status ~= 'scheduled' and job.status ~= 'retrying' then return { 'not_waiting' } end

keep_clock(now)
move(job, 'queued', now, {})
ring(1)
finish()
return { 'queued' }
