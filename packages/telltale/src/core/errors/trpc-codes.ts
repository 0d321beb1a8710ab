import type { ErrorCode } from "./error-codes.js";

/** The tRPC error code of a response with each `ErrorCode`. Apart from `ERROR_CODES`, because browsers do not need it. */
export const TRPC_CODES = {
  invalid_input: "BAD_REQUEST",
  unknown_kind: "BAD_REQUEST",
  not_found: "NOT_FOUND",
  unauthorized: "UNAUTHORIZED",
  forbidden: "FORBIDDEN",
  idempotency_conflict: "CONFLICT",
  unique_conflict: "CONFLICT",
  too_large: "PAYLOAD_TOO_LARGE",
  too_many: "TOO_MANY_REQUESTS",
  queue_full: "TOO_MANY_REQUESTS",
  redis_full: "SERVICE_UNAVAILABLE",
  redis_unavailable: "SERVICE_UNAVAILABLE",
  outcome_unknown: "GATEWAY_TIMEOUT",
  unreachable: "SERVICE_UNAVAILABLE",
  lease_lost: "CONFLICT",
  job_failed: "INTERNAL_SERVER_ERROR",
  job_cancelled: "CONFLICT",
  closed: "SERVICE_UNAVAILABLE",
  invalid_config: "INTERNAL_SERVER_ERROR",
  unsupported_redis: "INTERNAL_SERVER_ERROR",
} as const satisfies Record<ErrorCode, string>;
