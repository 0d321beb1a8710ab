// The zod schemas of data between processes, for modules that run on servers. The rest of `core` does not use zod at run time, to
// keep it out of browsers' bundles. Modules that run in browsers may only import types from this file.
export { PreparedJob } from "./job/prepared-job.js";
export { StoredError } from "./job/stored-error.js";
export { BulkInput, CleanInput, DrainInput, ObliterateInput } from "./wire/bulk-input.js";
export { JobFilter, statusesOf } from "./wire/job-filter.js";
export { WireSubmitOptions } from "./wire/option-schemas.js";
export { TelltaleErrorData } from "./wire/telltale-error-data.js";
export {
  HistoryInput,
  JobRef,
  ListInput,
  LogsInput,
  QueueRef,
  RerunInput,
  ScheduleRef,
  StatsInput,
  WatchInput,
  WireSchedule,
  type WireScheduleInput,
  WorkerRef,
  WorkersInput,
} from "./wire/wire.js";
