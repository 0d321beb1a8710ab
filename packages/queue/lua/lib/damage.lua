-- Jobs whose record cannot be read. Who meets one takes it out of its place and goes on with the others; `condemn` decides
-- about it.

-- The caller has taken the id out of `place`.
local function suspect(id, place, now) redis.call('ZADD', suspects, now, place .. '\n' .. id) end

-- Deletes what there is under a job's names, whatever it is.
local function erase_keys(id) redis.call('DEL', job_key(id), feed_key(id), chunks_key(id)) end
