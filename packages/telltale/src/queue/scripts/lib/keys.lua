-- The names of the queue's own keys. A call declares only one of them in KEYS, because the client and Redis handle each declared key with
-- every call. All names share its hash tag, so the keys are in the same slot of a cluster.
local meta = KEYS[1]
local prefix = string.sub(meta, 1, -#'meta' - 1)
local bell = prefix .. 'bell'
local leases = prefix .. 'leases'
local completed = prefix .. 'completed'
local failed = prefix .. 'failed'
local unique = prefix .. 'unique'

local PRIORITIES = { 'urgent', 'high', 'normal', 'low' }
local IS_PRIORITY = { urgent = true, high = true, normal = true, low = true }

-- Returns the keys that each priority has its own of. A key is composed when it is first used: most calls use one priority, and composing
-- all keys takes 3 us.
local function keys_by_priority(word)
  return setmetatable({}, { __index = function(keys, priority)
    if not IS_PRIORITY[priority] then return nil end
    local key = prefix .. word .. priority
    keys[priority] = key
    return key
  end })
end

local waiting = keys_by_priority('waiting:')
local turns = keys_by_priority('turns:')
local scheduled = keys_by_priority('scheduled:')

local parked = prefix .. 'parked'
local expiring = prefix .. 'expiring'
-- Schedules: name -> definition, and name -> the time at which it fires next.
local schedules = prefix .. 'schedules'
local instants = prefix .. 'instants'
-- Jobs whose record cannot be read: `suspects` wait for `condemn`, which sets some of them `aside`.
local suspects = prefix .. 'suspects'
local aside = prefix .. 'aside'
-- Queued jobs with limit keys, for lists and statistics, because no key names all the groups in which they wait.
local grouped = prefix .. 'grouped'
-- What each owner has outstanding; see lib/outstanding.lua.
local outstanding = prefix .. 'outstanding'
-- The part of a waiting list that `compact` has copied.
local compacted = prefix .. 'compacted'

local function job_key(id) return prefix .. 'job:' .. id end
local function feed_key(id) return prefix .. 'feed:' .. id end
local function chunks_key(id) return prefix .. 'chunks:' .. id end
local function logs_key(id) return prefix .. 'logs:' .. id end
local function errors_key(id) return prefix .. 'errors:' .. id end
local function owner_key(owner) return prefix .. 'owner:' .. owner end
local function index_key(status, by, word) return prefix .. status .. ':' .. by .. ':' .. word end
local function idempotency_key(scope) return prefix .. 'idem:' .. scope end
local function group_key(group, priority) return prefix .. 'group:' .. priority .. ':' .. group end
local function slots_key(key) return prefix .. 'slots:' .. key end
local function blocked_key(key) return prefix .. 'blocked:' .. key end
local function starts_key(key) return prefix .. 'starts:' .. key end
