#!lua flags=allow-oom
-- resume: jobs of the queue may start again.
--
-- Reply {'resumed'}

if redis.call('HDEL', meta, 'paused') == 1 then ring(tonumber(redis.call('HGET', meta, 'queued') or '0')) end
return { 'resumed' }
