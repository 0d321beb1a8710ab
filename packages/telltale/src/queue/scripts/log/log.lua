#!lua
-- log: appends lines to the logs of running jobs, in order, and drops the oldest ones. No allow-oom: a full Redis refuses lines, so that
-- jobs can go on.
--
-- ARGV  1 clock   2 most lines per job   3 most bytes per job   then for each batch: id and fence, number of its lines, and the lines:
--       '<number within the attempt> <age in ms> <level>', a line break, and the message and data as JSON
-- Reply for each batch: 'stored' | 'lease_lost'
--
-- Numbers that were seen before with the same fence are skipped, because the call was sent again.

return append_logs(read_clock(ARGV[1]))
