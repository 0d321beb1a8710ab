#!lua
-- progress: stores the latest report of a running handler. Not a row of the lifecycle, because no job changes status.
--
-- ARGV  1 clock   2 id   3 fence   4 number of the report within the attempt, and its text
-- Reply {'stored'} | {'lease_lost'}

local now, id, fence, reported = read_clock(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

local job = load_job(id)
if not job or not holds_lease(job, fence) then return { 'lease_lost' } end
keep_clock(now)
report(job, now, reported)
finish()
return { 'stored' }
