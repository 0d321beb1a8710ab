/** The properties of an error code. */
export interface ErrorCodeInfo {
  /** A sentence for people. Also the message of errors that are created without one. */
  readonly meaning: string;
  /** Whether the same call may succeed if it is repeated later. */
  readonly retry: boolean;
}

/** The codes of `TelltaleError`, with their meanings. The codes of failed jobs are in `JOB_ERRORS`. */
export const ERROR_CODES = {
  invalid_input: { meaning: "The input does not fit the contract or the call.", retry: false },
  unknown_kind: {
    meaning: "There is no contract of this kind, or the caller may not submit it.",
    retry: false,
  },
  not_found: { meaning: "The job or worker does not exist, or the caller may not see it.", retry: false },
  unauthorized: { meaning: "The caller is not authenticated.", retry: false },
  forbidden: { meaning: "The caller is not allowed to do this.", retry: false },
  idempotency_conflict: {
    meaning: "The idempotency key was already used with a different input.",
    retry: false,
  },
  unique_conflict: {
    meaning: "An unfinished job already has this unique key.",
    retry: false,
  },
  too_large: { meaning: "A payload is larger than its limit.", retry: false },
  too_many: {
    meaning: "The caller has reached a limit: of calls, subscriptions or unfinished jobs.",
    retry: true,
  },
  queue_full: { meaning: "The queue has reached its limit of waiting jobs.", retry: true },
  redis_full: { meaning: "Redis is out of memory. Nothing was written.", retry: true },
  redis_unavailable: {
    meaning: "Redis does not respond. Nothing was written.",
    retry: true,
  },
  outcome_unknown: {
    meaning:
      "The reply was lost, so the call may or may not have been executed. Repeat it with the same idempotency key.",
    retry: true,
  },
  unreachable: {
    meaning: "The server cannot be reached. Nothing was sent.",
    retry: true,
  },
  lease_lost: { meaning: "The job is no longer leased to this worker.", retry: false },
  job_failed: { meaning: "The job failed. `data` contains its error.", retry: false },
  job_cancelled: { meaning: "The job was cancelled.", retry: false },
  closed: { meaning: "The object is already closed.", retry: false },
  invalid_config: {
    meaning: "A contract, an option or an environment variable is invalid.",
    retry: false,
  },
  unsupported_redis: {
    meaning: "The Redis server's version or configuration is not supported, or its user lacks permissions.",
    retry: false,
  },
} as const satisfies Record<string, ErrorCodeInfo>;

/** One of `ERROR_CODES`. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a value is one of `ERROR_CODES`. */
export function isErrorCode(word: unknown): word is ErrorCode {
  return typeof word === "string" && Object.hasOwn(ERROR_CODES, word);
}
