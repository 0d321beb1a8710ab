-- Whether a job matches the filter of a list or of a bulk action. Nothing else decides that.

-- The statuses in which a job has an error to show.
local WITH_ERROR = { failed = true, cancelled = true, retrying = true }
-- The most bytes of errors to search in one call, which takes about 2 ms. Scripts stop once none are left.
local error_bytes_left = 262144

-- Reads a filter from an argument: JSON, as record/filter-arg.ts writes it. A missing field matches everything.
local function filter_at(i)
  local wanted = cjson.decode(ARGV[i])
  if wanted.error_text then wanted.error_text = string.lower(wanted.error_text) end
  return wanted
end

-- Tags are quoted in the record, and contain no quotes themselves.
local function has_tag_like(job, start)
  return string.find(job.tags or '', start, 1, true) ~= nil
end

-- Whether the message that operators see contains the text.
local function has_error_text(job, text)
  local stored = WITH_ERROR[job.status] and redis.call('HGET', job_key(job.id), 'error')
  if not stored then return false end
  error_bytes_left = error_bytes_left - #stored
  -- Decoding costs most. JSON escapes only quotes, backslashes and control characters.
  if not string.find(text, '["\\%c]') and not string.find(string.lower(stored), text, 1, true) then return false end
  local is_json, value = pcall(cjson.decode, stored)
  local err = is_json and type(value) == 'table' and value.json
  if type(err) ~= 'table' then return false end
  local shown = type(err.detail) == 'string' and err.detail or err.message
  return type(shown) == 'string' and string.find(string.lower(shown), text, 1, true) ~= nil
end

local function is_between(time, from, to)
  return (not from or time >= from) and (not to or time <= to)
end

-- `job` is read with its `error_code`.
local function is_wanted(job, wanted)
  if wanted.statuses and not wanted.statuses[job.status] then return false end
  if wanted.kind and job.kind ~= wanted.kind then return false end
  if wanted.owner and job.owner ~= wanted.owner then return false end
  if wanted.code and not (WITH_ERROR[job.status] and job.error_code == wanted.code) then return false end
  if wanted.id_prefix and string.sub(job.id, 1, #wanted.id_prefix) ~= wanted.id_prefix then return false end
  if wanted.min_attempts and tonumber(job.attempt) < wanted.min_attempts then return false end
  if not is_between(tonumber(job.created_at), wanted.submitted_from, wanted.submitted_to) then return false end
  if wanted.changed_to and tonumber(job.at) > wanted.changed_to then return false end
  if wanted.is_unasked and job.cancel_requested then return false end
  if wanted.ended_from or wanted.ended_to then
    if not FINISHED[job.status] then return false end
    if not is_between(tonumber(job.at), wanted.ended_from, wanted.ended_to) then return false end
  end
  if wanted.tag and not has_tag_like(job, '"' .. wanted.tag .. '"') then return false end
  if wanted.tag_prefix and not has_tag_like(job, '"' .. wanted.tag_prefix) then return false end
  return not wanted.error_text or has_error_text(job, wanted.error_text)
end
