-- Cancels a job, or marks a running one and notifies its worker. Returns the outcome, and whether anything was written. Idempotent by
-- `request`: a call that is sent again gets 'cancelled' again, not 'already_finished'.
local function cancel_job(job, request, now, remember)
  if FINISHED[job.status] then
    local ours = redis.call('HGET', job_key(job.id), 'cancelled_by') == request
    return ours and 'cancelled' or 'already_finished', false
  end

  if job.status == 'running' then
    if not job.cancel_requested then
      job.cancel_requested = '1'
      revise(job, now)
      announce(prefix .. 'control', 'cancel\n' .. job.id .. '\n' .. job.fence)
      return 'requested', true
    end
    return 'requested', false
  end

  local group = job.status == 'queued' and group_of(job)
  move(job, 'cancelled', now, { remember = remember, fields = { 'cancelled_by', request } })
  if group then drop_grouped(group, job) end
  return 'cancelled', true
end
