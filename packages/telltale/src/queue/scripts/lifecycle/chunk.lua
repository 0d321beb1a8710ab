#!lua
-- chunk: appends pieces of a running job's streamed output, in order. No allow-oom: a full Redis refuses chunks, so that
-- jobs can go on.
--
-- ARGV  1 clock   2 id   3 fence   4 number of the first piece within the attempt   5 max bytes per job   then the pieces;
--       an empty piece means that the worker dropped some here
-- Reply {'stored', number of the job's chunks} | {'truncated'} | {'lease_lost'}
--
-- Numbers that were seen before with the same fence are skipped, because the call was sent again.

local now, id, fence, first, most = read_clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

local job = load_job(id)
if not job or not holds_lease(job, fence) then return { 'lease_lost' } end
local key = job_key(id)
local count, bytes, under, seen, ended =
  unpack(redis.call('HMGET', key, 'chunk_count', 'chunk_bytes', 'chunk_fence', 'chunk_seen', 'chunk_end'))
if ended then return { 'truncated' } end
count, bytes = tonumber(count or '0'), tonumber(bytes or '0')
seen = under == fence and tonumber(seen) or 0

local function append(data)
  count = count + 1
  local line = count .. '\n' .. now .. '\n' .. job.round .. '\n' .. job.attempt .. '\n' .. data
  mending('RPUSH', chunks_key(id), line)
  announce(chunks_key(id), line)
end

for i = 6, #ARGV do
  local n = first + i - 6
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
redis.call('HSET', key, 'chunk_count', count, 'chunk_bytes', bytes, 'chunk_fence', fence, 'chunk_seen', seen)
if ended then redis.call('HSET', key, 'chunk_end', '1') end
keep_clock(now)
finish()
if ended then return { 'truncated' } end
return { 'stored', count }
