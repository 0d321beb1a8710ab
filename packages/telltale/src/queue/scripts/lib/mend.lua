-- Runs a command on a key of one job, owner or limit key. If something other than Telltale wrote a value of another type there, the
-- value is deleted first. Otherwise the command would fail and end the script halfway through its writes, on every call, and block
-- the whole queue. The types of the queue's own keys are checked when it is opened.
local function mending(command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then error(reply) end
  redis.call('DEL', key)
  return redis.call(command, key, ...)
end
