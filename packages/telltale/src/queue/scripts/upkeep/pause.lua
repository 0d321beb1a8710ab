#!lua flags=allow-oom
-- pause: stops handing out jobs of this queue until resume. Running jobs continue, and submitted jobs wait.
--
-- Reply {'paused'}

redis.call('HSET', meta, 'paused', '1')
redis.call('DEL', bell)
return { 'paused' }
