#!lua flags=allow-oom
-- find-existing: looks for a job that a submit to another queue must not create again, because its kind was in this queue before.
--
-- ARGV  the arguments of the job, its input left out, see lib/store.lua
-- Reply {'existing', id, status} | {'idempotency_conflict', id} | {'unique_conflict', id} | {'none'}

check_specs(1)

local spec = spec_at(1, 0)
return stored_before(spec) or holder_of_keys(spec) or { 'none' }
