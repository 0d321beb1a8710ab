-- For what stands under the name of one job, owner, key of a limit or the like. Where somebody wrote a value of another
-- type there it is deleted, whatever it was: a command that failed would break the script off halfway through its writes,
-- again with every try, and hold up all others of the queue. The queue's own keys are looked at when it is opened.
local function mending(command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then error(reply) end
  redis.call('DEL', key)
  return redis.call(command, key, ...)
end
