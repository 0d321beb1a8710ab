#!lua flags=allow-oom
-- mark-log: like `log`, for lines that tell that others could not be stored, for example because Redis is full. ARGV and the replies are
-- the same.

return append_logs(read_clock(ARGV[1]))
