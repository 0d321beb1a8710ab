/** Bytes are of UTF-8 text as stored. A contract cannot raise them. */
export const LIMITS = {
  inputBytes: 256 * 1024,
  outputBytes: 256 * 1024,
  progressBytes: 16 * 1024,
  chunkBytes: 16 * 1024,
  errorBytes: 16 * 1024,
  /** All chunks of one job together; what comes after is marked as truncated. */
  jobChunkBytes: 1024 * 1024,
  tags: 8,
  tagLength: 64,
  attempts: 25,
  /** Of a contract. */
  version: 1_000,
  ownerLength: 256,
  /** Of a list: it says where to go on in each queue and priority where jobs wait. */
  cursorLength: 16 * 1024,
  timeoutMs: 24 * 3_600_000,
  /** How far ahead a job can be scheduled: ten years. */
  delayMs: 10 * 365 * 86_400_000,
  minRetentionMs: 60_000,
  /** Of one key, running at the same time. */
  keyConcurrency: 1_000,
  /** Starts in a window; so many times are kept for every key that has any. */
  rateMax: 10_000,
  ratePerMs: 24 * 3_600_000,
  /** The longest key of a limit; a longer one counts by its digest. */
  limitKeyLength: 128,
  /** Jobs of a queue that are kept although their record cannot be read. */
  aside: 1_000,
  /** How many jobs one can descend from: a handler that submits itself comes to an end. */
  childDepth: 16,
  schedulesPerQueue: 1_000,
  /** All schedules of a queue are listed in one answer, hence less than a submit may bring. */
  scheduleInputBytes: 16 * 1024,
  cronLength: 256,
  minEveryMs: 1_000,
  maxEveryMs: 365 * 86_400_000,
  /** Items of one `submitMany`, one batch of calls, one page. */
  batch: 50,
  /** How deep a value may be nested. Deeper input overflows the stack of recursive parsers. */
  depth: 64,
} as const;
