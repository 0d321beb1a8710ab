export { atIndex } from "./at-index.js";
export { decode, encode } from "./codec/codec.js";
export { DEFAULT_BACKOFF } from "./contract/backoff.js";
export { durationMs } from "./contract/duration.js";
export { invalidInput } from "./errors/invalid-input.js";
export { JOB_ERROR_CODE_PATTERN, StoredError } from "./job/job-error.js";
export { JOB_ID_PATTERN, timeOfJobId } from "./job/job-id.js";
export { jobPages } from "./job/job-page.js";
export { silentLogger } from "./logger.js";
export { assertNode, assertSupported } from "./supported.js";
export { unreachable } from "./unreachable.js";
export { TelltaleErrorData } from "./wire/telltale-error-data.js";
export {
  CATCH_UPS,
  JobRef,
  ListInput,
  QueueRef,
  RerunInput,
  ScheduleRef,
  StatsInput,
  WatchInput,
  WireSchedule,
  WireSubmitOptions,
} from "./wire/wire.js";
