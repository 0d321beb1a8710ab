#!lua flags=allow-oom
-- remove: completed, failed, cancelled -> none, by an operator. Deletes one job of any age, as prune does.
--
-- ARGV  1 id
-- Reply {'removed'} | {'not_finished'}; 'removed' also for a job that is gone, as after a call that is sent again

local id = ARGV[1]

local status = status_of(id)
if status and not FINISHED[status] then return { 'not_finished' } end
if status then erase(id, status) end
return { 'removed' }
