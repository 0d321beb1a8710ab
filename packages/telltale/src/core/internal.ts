export { assertNever } from "./assert-never.js";
export { atIndex } from "./at-index.js";
export { assertEncodable } from "./codec/assert-encodable.js";
export { decode, encode, fromWire } from "./codec/codec.js";
export { toWire } from "./codec/to-wire.js";
export { DEFAULT_BACKOFF } from "./contract/backoff.js";
export { durationMs } from "./contract/duration.js";
export { isKind } from "./contract/kind.js";
export { queuesOfKind } from "./contract/queues-of-kind.js";
export { redact, redactText, type SensitivePath, sensitiveTexts } from "./contract/sensitive.js";
export { invalidInput } from "./errors/invalid-input.js";
export { TRPC_CODES } from "./errors/trpc-codes.js";
export { BULK_ACTIONS } from "./job/bulk.js";
export { bulkSteps } from "./job/bulk-steps.js";
export { JOB_ERROR_CODE_PATTERN } from "./job/job-error.js";
export { JOB_ID_PATTERN, timeOfJobId } from "./job/job-id.js";
export { jobPages } from "./job/job-page.js";
export { LIST_ORDERS } from "./job/list-orders.js";
export { fromPreparedOptions, toPreparedOptions } from "./job/prepared-options.js";
export {
  SUBMIT_OPTIONS,
  type SubmitOption,
  type SubmitOptionName,
  submitOptions,
  toWireOptions,
  wireNameOf,
} from "./job/submit-options.js";
export { WORKER_NAME_PATTERN } from "./job/worker-info.js";
export { assertKnownOptions } from "./known-options.js";
export { silentLogger } from "./logger.js";
export { loggerOf } from "./logger-of.js";
export { assertSameVersion, MADE_HERE } from "./made-by.js";
export { type Observe, observeFor } from "./observe.js";
export { onAbort } from "./on-abort.js";
export { refuseBrowser } from "./refuse-browser.js";
export { sparingLogger } from "./sparing-logger.js";
export { formatLine, stderrLogger } from "./stderr-logger.js";
export { assertNode, assertSupported } from "./supported.js";
export { VERSION } from "./version.js";
export { CATCH_UPS } from "./wire/catch-up.js";
export { checkSubmitOptions } from "./wire/check-submit-options.js";
export { JOB_TOKEN_HEADER } from "./wire/job-token-header.js";
