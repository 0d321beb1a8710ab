// The zod schemas of what crosses a process, for the modules that run on servers. Everything else in `core` is free of zod at
// run time, because the client must not bring it into browsers: there these are imported as types only.
export { PreparedJob } from "./job/prepared-job.js";
export { StoredError } from "./job/stored-error.js";
export { WireSubmitOptions } from "./wire/option-schemas.js";
export { TelltaleErrorData } from "./wire/telltale-error-data.js";
export {
  JobRef,
  ListInput,
  QueueRef,
  RerunInput,
  ScheduleRef,
  StatsInput,
  WatchInput,
  WireSchedule,
  type WireScheduleInput,
} from "./wire/wire.js";
