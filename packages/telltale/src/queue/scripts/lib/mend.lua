-- For keys of one job, owner or limit key. A value of another type, which someone else wrote, is deleted. Otherwise a command would
-- fail and end the script halfway through its writes, with each try, and block the rest of the queue. The types of the queue's own
-- keys are checked when it is opened.
local function mending(command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then error(reply) end
  redis.call('DEL', key)
  return redis.call(command, key, ...)
end
