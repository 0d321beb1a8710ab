-- The queue's own keys, in the order of redis/keys.ts. Keys of single jobs are built from the prefix. They share its hash tag, so
-- they are in the same slot of a cluster.
local meta, bell, leases, completed, failed, unique = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local waiting = { urgent = KEYS[7], high = KEYS[8], normal = KEYS[9], low = KEYS[10] }
local turns = { urgent = KEYS[11], high = KEYS[12], normal = KEYS[13], low = KEYS[14] }
local scheduled = { urgent = KEYS[15], high = KEYS[16], normal = KEYS[17], low = KEYS[18] }
local parked, expiring = KEYS[19], KEYS[20]
-- Schedules: name -> definition, and name -> the time at which it fires next.
local schedules, instants = KEYS[21], KEYS[22]
-- Jobs whose record cannot be read: `suspects` wait for `condemn`, which sets some of them `aside`.
local suspects, aside = KEYS[23], KEYS[24]
-- Queued jobs with limit keys, for lists and statistics, because no key names all the groups in which they wait.
local grouped = KEYS[25]
-- What each owner has outstanding; see lib/outstanding.lua.
local outstanding = KEYS[26]
-- The part of a waiting list that `compact` has copied.
local compacted = KEYS[27]
local prefix = string.sub(meta, 1, -#'meta' - 1)

local function job_key(id) return prefix .. 'job:' .. id end
local function feed_key(id) return prefix .. 'feed:' .. id end
local function chunks_key(id) return prefix .. 'chunks:' .. id end
local function errors_key(id) return prefix .. 'errors:' .. id end
local function owner_key(owner) return prefix .. 'owner:' .. owner end
local function index_key(status, by, word) return prefix .. status .. ':' .. by .. ':' .. word end
local function idempotency_key(scope) return prefix .. 'idem:' .. scope end
local function group_key(group, priority) return prefix .. 'group:' .. priority .. ':' .. group end
local function slots_key(key) return prefix .. 'slots:' .. key end
local function blocked_key(key) return prefix .. 'blocked:' .. key end
local function starts_key(key) return prefix .. 'starts:' .. key end
