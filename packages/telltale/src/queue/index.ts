export {
  createTelltale,
  type ServerJobClient,
  type ServerSubmitOptions,
  type Telltale,
} from "./client/create-telltale.js";
export type { LogsOptions, ServerJobHandle } from "./client/job-handle.js";
export type { Queues } from "./client/queues.js";
export type { Workers } from "./client/workers.js";
export type { EngineOptions } from "./engine.js";
export type { ConnectionOptions, RedisInstance, RedisSource } from "./redis/connection-options.js";
export { firstLine } from "./redis/redis-error.js";
export type { NewSchedule, Schedule, Schedules, ScheduleTiming } from "./schedules/schedule.js";
