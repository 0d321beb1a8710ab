#!lua flags=allow-oom
-- find-existing: looks for a job that a submit to another queue must not create again, because its kind was in this queue before.
--
-- ARGV  1 names of a job's arguments   then the arguments of the job, its input left out, see lib/store.lua
-- Reply {'existing', id, status} | {'idempotency_conflict', id} | {'unique_conflict', id} | {'none'}

return existing(spec_at(spec_names(1), 2, 0)) or { 'none' }
