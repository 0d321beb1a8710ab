/** Fixed limits, which contracts and options cannot raise. Bytes are those of the encoded value in UTF-8. */
export const LIMITS = {
  /** The largest input of a job. Larger ones reject with `too_large`. */
  inputBytes: 256 * 1024,
  /** The largest output of a job. A larger one fails the job. */
  outputBytes: 256 * 1024,
  /** The largest progress report. */
  progressBytes: 16 * 1024,
  /** The largest chunk of streamed output. */
  chunkBytes: 16 * 1024,
  /** The largest error of a job, with its data. */
  errorBytes: 16 * 1024,
  /** All chunks of one job together. Later ones are dropped, and the output is marked as truncated. */
  jobChunkBytes: 1024 * 1024,
  /** The most tags of a job. */
  tags: 8,
  /** The longest tag, in characters. */
  tagLength: 64,
  /** The highest `retry.attempts` of a contract. */
  attempts: 25,
  /** The highest version of a contract. */
  version: 1_000,
  /** The longest owner, in characters. */
  ownerLength: 256,
  /** The longest cursor of a list. It contains a position for each queue and priority in which jobs wait. */
  cursorLength: 16 * 1024,
  /** The longest timeout of an attempt: 24 h. */
  timeoutMs: 24 * 3_600_000,
  /** How far ahead a job can be scheduled: ten years. */
  delayMs: 10 * 365 * 86_400_000,
  /** The shortest time that finished jobs are kept. */
  minRetentionMs: 60_000,
  /** The highest concurrency limit of one key. */
  keyConcurrency: 1_000,
  /** The most starts per window of a rate limit. For each key, Redis stores the time of each start. */
  rateMax: 10_000,
  /** The longest window of a rate limit: 24 h. */
  ratePerMs: 24 * 3_600_000,
  /** The longest key of a limit, in characters. Longer keys are replaced by their digest. */
  limitKeyLength: 128,
  /** The most jobs with an unreadable record that a queue keeps. */
  aside: 1_000,
  /** The most ancestors of a job. The limit stops handlers that keep submitting their own kind. */
  childDepth: 16,
  /** The most schedules of a queue. */
  schedulesPerQueue: 1_000,
  /** The largest input of a schedule. Smaller than that of a submit, because all schedules of a queue are listed in one reply. */
  scheduleInputBytes: 16 * 1024,
  /** The longest cron expression, in characters. */
  cronLength: 256,
  /** The shortest period of a schedule: 1 s. */
  minEveryMs: 1_000,
  /** The longest period of a schedule: 365 days. */
  maxEveryMs: 365 * 86_400_000,
  /** The most items of one `submitMany` call, one batch of calls, and one page of a list. */
  batch: 50,
  /** The most jobs that one step of a bulk action changes. */
  bulk: 100,
  /** The deepest nesting of a value, in levels. Deeper values could overflow the stack of recursive parsers. */
  depth: 64,
} as const;
