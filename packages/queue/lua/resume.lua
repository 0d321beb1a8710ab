#!lua flags=allow-oom
-- resume: the queue is handed out again.
--
-- Reply {'resumed'}

redis.call('HDEL', meta, 'paused')
ring(tonumber(redis.call('HGET', meta, 'queued') or '0'))
return { 'resumed' }
