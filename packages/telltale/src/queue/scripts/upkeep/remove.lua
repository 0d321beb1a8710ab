#!lua flags=allow-oom
-- remove: completed, failed, cancelled -> none, by an operator: prune for one job, whatever its age.
--
-- ARGV  1 id
-- Reply {'removed'} | {'not_finished'}; a job that is gone already answers 'removed', so a re-sent call does

local id = ARGV[1]

local status = status_of(id)
if status and not FINISHED[status] then return { 'not_finished' } end
if status then erase(id, status) end
return { 'removed' }
