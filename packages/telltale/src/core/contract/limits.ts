/** The limits that contracts cannot raise. Bytes are those of the stored text in UTF-8. */
export const LIMITS = {
  inputBytes: 256 * 1024,
  outputBytes: 256 * 1024,
  progressBytes: 16 * 1024,
  chunkBytes: 16 * 1024,
  errorBytes: 16 * 1024,
  /** All chunks of one job together. Later ones are dropped, and the output is marked as truncated. */
  jobChunkBytes: 1024 * 1024,
  tags: 8,
  tagLength: 64,
  attempts: 25,
  /** The highest version of a contract. */
  version: 1_000,
  ownerLength: 256,
  /** A list's cursor contains a position for each queue and priority in which jobs wait. */
  cursorLength: 16 * 1024,
  timeoutMs: 24 * 3_600_000,
  /** How far ahead a job can be scheduled: ten years. */
  delayMs: 10 * 365 * 86_400_000,
  minRetentionMs: 60_000,
  /** The highest concurrency limit of one key. */
  keyConcurrency: 1_000,
  /** The most starts per window of a rate limit. Redis stores the time of each, for each key. */
  rateMax: 10_000,
  ratePerMs: 24 * 3_600_000,
  /** The longest key of a limit. Longer ones are replaced by their digest. */
  limitKeyLength: 128,
  /** The most jobs of a queue that are kept although their record cannot be read. */
  aside: 1_000,
  /** The most ancestors of a job. This ends an endless chain of handlers that submit their own kind. */
  childDepth: 16,
  schedulesPerQueue: 1_000,
  /** Less than for a submit, because all schedules of a queue are listed in one reply. */
  scheduleInputBytes: 16 * 1024,
  cronLength: 256,
  minEveryMs: 1_000,
  maxEveryMs: 365 * 86_400_000,
  /** The most items of one `submitMany` call, one batch of calls, and one page of a list. */
  batch: 50,
  /** The deepest nesting of a value. Deeper input would overflow the stack of recursive parsers. */
  depth: 64,
} as const;
