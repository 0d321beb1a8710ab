-- The log of a job is a list of lines. The field `log` of its record holds the number of its last line, the bytes of the list, the fence
-- of the attempt that wrote last, and the number of that attempt's last line.
local LOG = '^(%d+) (%d+) (%d+) (%d+)$'

-- Appends the lines in the arguments from `from` to `to`, and deletes the oldest ones above the limits. `job` was loaded with its `log`.
-- Lines that an attempt has sent before are skipped. Numbers that it leaves out are lines that it dropped: they count, so that readers
-- see a gap.
local function append_lines(job, now, most_lines, most_bytes, from, to)
  local key = logs_key(job.id)
  local last, bytes, fence, seen = string.match(job.log or '', LOG)
  last, bytes = tonumber(last or '0'), tonumber(bytes or '0')
  seen = fence == job.fence and tonumber(seen) or 0

  local lines = {}
  for i = from, to do
    local number, age, text = string.match(ARGV[i], '^(%d+) (%d+) (.*)$')
    number = tonumber(number)
    if number > seen then
      last, seen = last + number - seen, number
      local at = math.max(0, now - tonumber(age))
      local line = text_of(last) .. '\n' .. text_of(at) .. '\n' .. job.round .. '\n' .. job.attempt .. '\n' .. text
      bytes = bytes + #line
      lines[#lines + 1] = line
      announce(key, line)
    end
  end
  if not lines[1] then return end

  local length = mending('RPUSH', key, unpack(lines))
  while length > 0 and (length > most_lines or bytes > most_bytes) do
    bytes = bytes - #redis.call('LPOP', key)
    length = length - 1
  end
  -- If the list is empty, something else deleted lines of it.
  if length == 0 then bytes = 0 end
  redis.call('HSET', job_key(job.id), 'log', text_of(last) .. ' ' .. text_of(bytes) .. ' ' .. job.fence .. ' ' .. text_of(seen))
end

-- Appends the lines of several jobs, which the arguments from 4 on contain: for each job its id and fence, the number of its lines, and the
-- lines. Returns a reply for each.
local function append_logs(now)
  local most_lines, most_bytes = tonumber(ARGV[2]), tonumber(ARGV[3])
  local replies, has_leases, i, last = {}, false, 4, #ARGV
  while i <= last do
    local id, fence = lease_at(i)
    local from = i + 2
    local to = from + tonumber(ARGV[i + 1]) - 1
    local job = load_job(id, 'log')
    if job and holds_lease(job, fence) then
      append_lines(job, now, most_lines, most_bytes, from, to)
      replies[#replies + 1], has_leases = 'stored', true
    else
      replies[#replies + 1] = 'lease_lost'
    end
    i = to + 1
  end
  if has_leases then keep_clock(now) end
  finish()
  return replies
end
