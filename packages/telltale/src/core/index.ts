export { transformer } from "./codec/transformer.js";
export { type Backoff, custom, exponential, fixed } from "./contract/backoff.js";
export type {
  AnyJob,
  ChunkOf,
  ErrorsOf,
  InputOf,
  Job,
  Jobs,
  KeyContext,
  KeyLimits,
  NoSchema,
  OutputOf,
  ParsedInputOf,
  ProgressOf,
  Retention,
  Schema,
  Upgrade,
} from "./contract/contract.js";
export { defineJob, defineJobs, type JobSpec, type RetentionSpec } from "./contract/define-job.js";
export { defineQueue, type Queue, type QueueSpec, type RateLimit } from "./contract/define-queue.js";
export type { Duration } from "./contract/duration.js";
export {
  type AbortCause,
  AttemptAborted,
  type DefinedJob,
  type Handler,
  type HandlerContext,
  handle,
} from "./contract/handler.js";
export type { KeyLimitsSpec } from "./contract/key-limits.js";
export {
  type FinalStatus,
  isFinal,
  JOB_STATUSES,
  type JobStatus,
  LIFECYCLE,
  type LifecycleAction,
} from "./contract/lifecycle.js";
export { LIMITS } from "./contract/limits.js";
export { hasCode, TelltaleError } from "./errors/error.js";
export { ERROR_CODES, type ErrorCode, type ErrorCodeInfo, isErrorCode } from "./errors/error-codes.js";
export type { Bulk, BulkAction, BulkOptions, BulkProgress, BulkRun, BulkSkip } from "./job/bulk.js";
export type { CancelReason, JobChunk, JobChunkBase, JobEvent, JobEventBase } from "./job/event.js";
export type { FailureGroup } from "./job/failure-group.js";
export type { AttemptError, AttemptOutcome, JobAttempt, JobDetail, JobDetailBase } from "./job/job-detail.js";
export { JOB_ERRORS, type JobError, type JobErrorCode } from "./job/job-error.js";
export type {
  CancelOutcome,
  JobClient,
  JobClients,
  JobFeed,
  JobHandle,
  JobResult,
  SubmitItem,
  SubmitOutcome,
  WatchOptions,
} from "./job/job-handle.js";
export { kindOfJobId, newJobId } from "./job/job-id.js";
export {
  type JobLog,
  type JobLogLine,
  type JobLogPage,
  LOG_LEVELS,
  LOG_LIMITS,
  type LogLevel,
  type LogReaders,
} from "./job/job-log.js";
export type { JobPage, JobPages, JobSummary, ListOptions } from "./job/job-page.js";
export { formatPosition, isAfter, type Position, parsePosition } from "./job/position.js";
export type { PreparedJob } from "./job/prepared-job.js";
export {
  HISTORY_STEPS,
  type HistoryBucket,
  type HistoryCounts,
  type HistoryOptions,
  type HistoryPeriod,
  type HistoryStep,
  type HistoryTimes,
  type QueueHistory,
} from "./job/queue-history.js";
export type { QueueStats } from "./job/queue-stats.js";
export {
  PRIORITIES,
  type Priority,
  type SubmitOptions,
  type WireSubmitOptions,
  type WireSubmitOptionsInput,
} from "./job/submit-options.js";
export type { WorkerIdentity } from "./job/worker-identity.js";
export type { RunningJob, WorkerInfo, WorkerList, WorkersDrained } from "./job/worker-info.js";
export type { Logger } from "./logger.js";
export type {
  ObservedAttempt,
  ObservedJob,
  Observer,
  ObserverEvent,
  ObserverEventFields,
  ObserverEventType,
  OperatorAction,
} from "./observer.js";
export type { CatchUp } from "./wire/catch-up.js";
export type { JobFilter } from "./wire/job-filter.js";
