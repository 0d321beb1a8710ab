/** The properties of an error code. */
export interface ErrorCodeInfo {
  /** A sentence for people. Also the message of errors that are created without one. */
  readonly meaning: string;
  /** The tRPC error code of the response. */
  readonly trpc:
    | "BAD_REQUEST"
    | "NOT_FOUND"
    | "UNAUTHORIZED"
    | "FORBIDDEN"
    | "CONFLICT"
    | "PAYLOAD_TOO_LARGE"
    | "TOO_MANY_REQUESTS"
    | "SERVICE_UNAVAILABLE"
    | "GATEWAY_TIMEOUT"
    | "INTERNAL_SERVER_ERROR";
  /** Whether the same call may succeed if it is repeated later. */
  readonly retry: boolean;
}

/** The codes of `TelltaleError`, with their meanings. The codes of failed jobs are in `JOB_ERRORS`. */
export const ERROR_CODES = {
  invalid_input: { meaning: "The input does not fit the contract or the call.", trpc: "BAD_REQUEST", retry: false },
  unknown_kind: {
    meaning: "There is no contract of this kind, or the caller may not submit it.",
    trpc: "BAD_REQUEST",
    retry: false,
  },
  not_found: { meaning: "The job does not exist, or the caller may not see it.", trpc: "NOT_FOUND", retry: false },
  unauthorized: { meaning: "The caller is not authenticated.", trpc: "UNAUTHORIZED", retry: false },
  forbidden: { meaning: "The caller is not allowed to do this.", trpc: "FORBIDDEN", retry: false },
  idempotency_conflict: {
    meaning: "The idempotency key was already used with a different input.",
    trpc: "CONFLICT",
    retry: false,
  },
  unique_conflict: {
    meaning: "An unfinished job already has this unique key.",
    trpc: "CONFLICT",
    retry: false,
  },
  too_large: { meaning: "A payload is larger than its limit.", trpc: "PAYLOAD_TOO_LARGE", retry: false },
  too_many: {
    meaning: "The caller has reached a limit: of calls, subscriptions or unfinished jobs.",
    trpc: "TOO_MANY_REQUESTS",
    retry: true,
  },
  queue_full: { meaning: "The queue has reached its limit of waiting jobs.", trpc: "TOO_MANY_REQUESTS", retry: true },
  redis_full: { meaning: "Redis is out of memory. Nothing was written.", trpc: "SERVICE_UNAVAILABLE", retry: true },
  redis_unavailable: {
    meaning: "Redis does not respond. Nothing was written.",
    trpc: "SERVICE_UNAVAILABLE",
    retry: true,
  },
  outcome_unknown: {
    meaning:
      "The reply was lost, so the call may or may not have been executed. Repeat it with the same idempotency key.",
    trpc: "GATEWAY_TIMEOUT",
    retry: true,
  },
  unreachable: {
    meaning: "The server cannot be reached. Nothing was sent.",
    trpc: "SERVICE_UNAVAILABLE",
    retry: true,
  },
  lease_lost: { meaning: "The job is no longer leased to this worker.", trpc: "CONFLICT", retry: false },
  job_failed: { meaning: "The job failed. `data` contains its error.", trpc: "INTERNAL_SERVER_ERROR", retry: false },
  job_cancelled: { meaning: "The job was cancelled.", trpc: "CONFLICT", retry: false },
  closed: { meaning: "The object is already closed.", trpc: "SERVICE_UNAVAILABLE", retry: false },
  invalid_config: {
    meaning: "A contract, an option or an environment variable is invalid.",
    trpc: "INTERNAL_SERVER_ERROR",
    retry: false,
  },
  unsupported_redis: {
    meaning: "The Redis server's version or configuration is not supported, or its user lacks permissions.",
    trpc: "INTERNAL_SERVER_ERROR",
    retry: false,
  },
} as const satisfies Record<string, ErrorCodeInfo>;

/** One of `ERROR_CODES`. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a value is one of `ERROR_CODES`. */
export function isErrorCode(word: unknown): word is ErrorCode {
  return typeof word === "string" && Object.hasOwn(ERROR_CODES, word);
}
