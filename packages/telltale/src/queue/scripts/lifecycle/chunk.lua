#!lua
-- chunk: appends pieces of running jobs' streamed output, in order. No allow-oom: a full Redis refuses chunks, so that
-- jobs can go on.
--
-- ARGV  1 clock   2 max bytes per job   then for each batch: id and fence, number of its first piece within the attempt, number of
--       its pieces, and the pieces; an empty piece means that the worker dropped some here
-- Reply for each batch: 'stored' | 'truncated' | 'lease_lost'
--
-- Numbers that were seen before with the same fence are skipped, because the call was sent again.

local now, most = read_clock(ARGV[1]), tonumber(ARGV[2])

-- Appends the pieces in the arguments from `from` to `to`.
local function append_pieces(job, first, from, to)
  local key, list = job_key(job.id), chunks_key(job.id)
  local count, bytes, under, seen, ended =
    unpack(redis.call('HMGET', key, 'chunk_count', 'chunk_bytes', 'chunk_fence', 'chunk_seen', 'chunk_end'))
  if ended then return 'truncated' end
  -- A field that is not a number must not stop the batches of other jobs.
  count, bytes = tonumber(count) or 0, tonumber(bytes) or 0
  seen = under == job.fence and tonumber(seen) or 0

  local function append(data)
    count = count + 1
    local line = count .. '\n' .. now .. '\n' .. job.round .. '\n' .. job.attempt .. '\n' .. data
    mending('RPUSH', list, line)
    announce(list, line)
  end

  for i = from, to do
    local n = first + i - from
    if n > seen then
      seen = n
      if bytes + #ARGV[i] > most then
        append('')
        ended = true
        break
      end
      bytes = bytes + #ARGV[i]
      append(ARGV[i])
    end
  end
  redis.call('HSET', key, 'chunk_count', count, 'chunk_bytes', bytes, 'chunk_fence', job.fence, 'chunk_seen', seen)
  if ended then redis.call('HSET', key, 'chunk_end', '1') end
  return ended and 'truncated' or 'stored'
end

local replies, has_leases, i, last = {}, false, 3, #ARGV
while i <= last do
  local id, fence = lease_at(i)
  local first, from = tonumber(ARGV[i + 1]), i + 3
  local to = from + tonumber(ARGV[i + 2]) - 1
  local job = load_job(id)
  if job and holds_lease(job, fence) then
    replies[#replies + 1], has_leases = append_pieces(job, first, from, to), true
  else
    replies[#replies + 1] = 'lease_lost'
  end
  i = to + 1
end
if has_leases then keep_clock(now) end
finish()
return replies
