export type { ChunkBatch } from "./actions/chunk.js";
export type { Claimed, ClaimRequest, Lease, LeasedJob } from "./actions/claim.js";
export type { Completion } from "./actions/complete.js";
export type { DetailRecord } from "./actions/detail.js";
export type { Extended } from "./actions/extend.js";
export type { Failure } from "./actions/fail.js";
export type { JobRecord } from "./actions/read.js";
export type { PendingProgress } from "./actions/settle.js";
export { retryDelayMs } from "./backoff.js";
export { type ParentJob, prepareChild } from "./child-job.js";
export type { ConnectionOptions, RedisSource } from "./connection.js";
export {
  createTelltale,
  type Queues,
  type ServerJobClient,
  type ServerSubmitOptions,
  type Telltale,
} from "./create-telltale.js";
export type { Doorbell } from "./doorbell.js";
export { encoded } from "./encoded.js";
export type { Engine, EngineOptions, Rerun } from "./engine.js";
export type { Hub, HubWatchOptions } from "./hub.js";
export { toDetail } from "./job-detail.js";
export { EngineJobHandle } from "./job-handle.js";
export { fromRecord, type JobUpdate, positionOf, toEvent } from "./job-update.js";
export type { Lane } from "./lane.js";
export { type OwnLanes, openLanes } from "./open-lanes.js";
export { parseInput } from "./parse-input.js";
export { type QueueRetention, retentionOf } from "./queue-retention.js";
export { firstLine } from "./redis-error.js";
export { listSchedules } from "./schedules/list-schedules.js";
export { removeSchedule } from "./schedules/remove-schedule.js";
export type { NewSchedule, Schedule, Schedules, ScheduleTiming } from "./schedules/schedule.js";
export { ScheduleFiring } from "./schedules/schedule-firing.js";
export { setSchedule } from "./schedules/set-schedule.js";
export type { Timing } from "./schedules/timing.js";
export type { StatsUpdate, StatsWatch, StatsWatchOptions } from "./stats-watch.js";
export { requestOf, type SubmitRequest } from "./submit-request.js";
export type { Submitted } from "./submitter.js";
