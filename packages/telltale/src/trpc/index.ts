export type { AccessAction, AccessQuestion, Authorize } from "./access.js";
export {
  type AnyJobChunk,
  type AnyJobDetail,
  type AnyJobEvent,
  createJobsRouter,
  type JobsRouterOptions,
  type SubmitManyAnswer,
} from "./create-jobs-router.js";
export { type TelltaleErrorShape, telltaleErrorFormatter } from "./error-formatter.js";
export type { JobsMutation } from "./jobs-mutation.js";
export type { AnyJobPage } from "./list-answer.js";
export type { RerunAnswer } from "./rerun-answer.js";
export type { ScheduleInput } from "./schedule-input.js";
export type { Subject } from "./subject.js";
export type { SubmitAnswer, SubmitInput } from "./submit-input.js";
export { type CallError, toTRPCError } from "./to-trpc-error.js";
