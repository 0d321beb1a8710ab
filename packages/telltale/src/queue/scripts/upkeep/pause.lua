#!lua flags=allow-oom
-- pause: no job of this queue starts until resume. Running jobs continue; submitted jobs wait.
--
-- Reply {'paused'}

redis.call('HSET', meta, 'paused', '1')
redis.call('DEL', bell)
return { 'paused' }
