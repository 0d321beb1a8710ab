-- The queue's own keys, in the order src/keys.ts declares them. Keys of single jobs are built from the declared prefix:
-- they share its hash tag, so they live in the same slot.
local meta, bell, leases, scheduled, completed, failed, unique =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local waiting = { urgent = KEYS[8], high = KEYS[9], normal = KEYS[10], low = KEYS[11] }
-- Schedules: name -> definition, and name -> the instant it fires next.
local schedules, instants = KEYS[12], KEYS[13]
local prefix = string.sub(meta, 1, -#'meta' - 1)

local function job_key(id) return prefix .. 'job:' .. id end
local function feed_key(id) return prefix .. 'feed:' .. id end
local function chunks_key(id) return prefix .. 'chunks:' .. id end
local function idempotency_key(scope) return prefix .. 'idem:' .. scope end
