#!lua flags=allow-oom
-- pause: nothing more of this queue is handed out until resume. What runs goes on; what is submitted waits.
--
-- Reply {'paused'}

redis.call('HSET', meta, 'paused', '1')
redis.call('DEL', bell)
return { 'paused' }
