/** What is known of one error code: what it means, which tRPC code carries it, and whether the same call may succeed later. */
export interface ErrorCodeInfo {
  readonly meaning: string;
  /** The tRPC error code a call that fails so is answered with. */
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
  /** Whether sending the same call again makes sense. */
  readonly retry: boolean;
}

/** Every code a `TelltaleError` can carry. Codes of failed jobs stand in `JOB_ERRORS`. */
export const ERROR_CODES = {
  invalid_input: { meaning: "The input does not fit the contract or the call.", trpc: "BAD_REQUEST", retry: false },
  unknown_kind: { meaning: "No contract of that kind is open to this caller.", trpc: "BAD_REQUEST", retry: false },
  not_found: { meaning: "There is no such job, or it is somebody else's.", trpc: "NOT_FOUND", retry: false },
  unauthorized: { meaning: "The caller is not known.", trpc: "UNAUTHORIZED", retry: false },
  forbidden: { meaning: "The caller is known and may not do this.", trpc: "FORBIDDEN", retry: false },
  idempotency_conflict: {
    meaning: "The idempotency key was used before with another input.",
    trpc: "CONFLICT",
    retry: false,
  },
  unique_conflict: {
    meaning: "An unfinished job already holds the unique key.",
    trpc: "CONFLICT",
    retry: false,
  },
  too_large: { meaning: "A payload is over its limit in bytes.", trpc: "PAYLOAD_TOO_LARGE", retry: false },
  too_many: { meaning: "The caller has too many calls or subscriptions open.", trpc: "TOO_MANY_REQUESTS", retry: true },
  queue_full: { meaning: "The queue takes no more waiting jobs now.", trpc: "TOO_MANY_REQUESTS", retry: true },
  redis_full: { meaning: "Redis is out of memory; nothing was written.", trpc: "SERVICE_UNAVAILABLE", retry: true },
  redis_unavailable: {
    meaning: "Redis does not answer; nothing was written.",
    trpc: "SERVICE_UNAVAILABLE",
    retry: true,
  },
  outcome_unknown: {
    meaning: "The answer of Redis was lost: it may or may not have been done. Repeat with the same idempotency key.",
    trpc: "GATEWAY_TIMEOUT",
    retry: true,
  },
  unreachable: {
    meaning: "Nothing answers at the server's address; nothing was sent.",
    trpc: "SERVICE_UNAVAILABLE",
    retry: true,
  },
  lease_lost: { meaning: "The job is no longer leased to this worker.", trpc: "CONFLICT", retry: false },
  job_failed: { meaning: "The job failed; `data` is its error.", trpc: "INTERNAL_SERVER_ERROR", retry: false },
  job_cancelled: { meaning: "The job was cancelled.", trpc: "CONFLICT", retry: false },
  closed: { meaning: "This object was closed.", trpc: "SERVICE_UNAVAILABLE", retry: false },
  invalid_config: {
    meaning: "A contract, an option or the environment is not usable as given.",
    trpc: "INTERNAL_SERVER_ERROR",
    retry: false,
  },
  unsupported_redis: {
    meaning: "The Redis server cannot be used as it is configured.",
    trpc: "INTERNAL_SERVER_ERROR",
    retry: false,
  },
} as const satisfies Record<string, ErrorCodeInfo>;

/** A code of `ERROR_CODES`. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a word from outside is a code of `ERROR_CODES`. */
export function isErrorCode(word: unknown): word is ErrorCode {
  return typeof word === "string" && Object.hasOwn(ERROR_CODES, word);
}
