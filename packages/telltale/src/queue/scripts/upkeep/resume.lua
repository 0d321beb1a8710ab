#!lua flags=allow-oom
-- resume: hands out jobs of a paused queue again, and wakes workers.
--
-- Reply {'resumed'} | {'obliterating'}

if redis.call('HGET', meta, 'obliterating') then return { 'obliterating' } end
if redis.call('HDEL', meta, 'paused') == 1 then ring(tonumber(redis.call('HGET', meta, 'queued') or '0')) end
return { 'resumed' }
