-- Shared by the scripts that act on many jobs. A job may have changed since it was found, so it is compared with the filter again.

-- Returns the job if it still matches, or nil and why it is skipped.
local function load_wanted(id, wanted)
  local job, damage = load_job(id, 'error_code')
  if not job then return nil, damage and 'unreadable' or 'gone' end
  if not is_wanted(job, wanted) then return nil, 'changed' end
  return job, nil
end
