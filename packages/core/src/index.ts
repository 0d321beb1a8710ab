export { atIndex } from "./at-index.js";
export { type Backoff, custom, DEFAULT_BACKOFF, exponential, fixed } from "./backoff.js";
export { decode, encode, transformer } from "./codec.js";
export type {
  AnyJob,
  ChunkOf,
  ErrorsOf,
  InputOf,
  Job,
  Jobs,
  OutputOf,
  ParsedInputOf,
  ProgressOf,
  Retention,
  Schema,
  Upgrade,
} from "./contract.js";
export { defineJob, defineJobs, type JobSpec, type RetentionSpec } from "./define-job.js";
export { defineQueue, type Queue, type QueueSpec, type RateLimit } from "./define-queue.js";
export { type Duration, durationMs } from "./duration.js";
export { hasCode, TelltaleError } from "./error.js";
export { ERROR_CODES, type ErrorCode, type ErrorCodeInfo, isErrorCode } from "./error-codes.js";
export type { CancelReason, JobChunk, JobChunkBase, JobEvent, JobEventBase } from "./event.js";
export { type AbortCause, AttemptAborted, type Handler, type HandlerContext, handle } from "./handler.js";
export { invalidInput } from "./invalid-input.js";
export type { AttemptError, JobDetail, JobDetailBase } from "./job-detail.js";
export { JOB_ERROR_CODE_PATTERN, JOB_ERRORS, type JobError, type JobErrorCode, StoredError } from "./job-error.js";
export {
  type CancelOutcome,
  type JobClient,
  type JobClients,
  type JobFeed,
  type JobHandle,
  type JobResult,
  PRIORITIES,
  type Priority,
  type SubmitItem,
  type SubmitOptions,
  type SubmitOutcome,
  type WatchOptions,
} from "./job-handle.js";
export { JOB_ID_PATTERN, KEY_PATTERN, kindOfJobId, newJobId, timeOfJobId } from "./job-id.js";
export { type JobPage, type JobPages, type JobSummary, jobPages, type ListOptions } from "./job-page.js";
export type { KeyLimits, KeyLimitsSpec } from "./key-limits.js";
export {
  type FinalStatus,
  isFinal,
  JOB_STATUSES,
  type JobStatus,
  LIFECYCLE,
  type LifecycleAction,
} from "./lifecycle.js";
export { LIMITS } from "./limits.js";
export { type Logger, silentLogger } from "./logger.js";
export { formatPosition, isAfter, type Position, parsePosition } from "./position.js";
export { PreparedJob } from "./prepared-job.js";
export type { QueueStats } from "./queue-stats.js";
export { TelltaleErrorData } from "./telltale-error-data.js";
export { unreachable } from "./unreachable.js";
export {
  CATCH_UPS,
  type CatchUp,
  JobRef,
  ListInput,
  QueueRef,
  RerunInput,
  ScheduleRef,
  StatsInput,
  WatchInput,
  WireSchedule,
  WireSubmitOptions,
} from "./wire.js";
