/** The levels of log lines, least severe first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** Fixed limits of a job's log. Bytes are those of JSON in UTF-8. Not part of `LIMITS`, which is in every page's bundle. */
export const LOG_LIMITS = {
  /** The most lines of one job. The oldest are dropped. */
  lines: 1_000,
  /** All lines of one job together. The oldest are dropped. */
  bytes: 256 * 1024,
  /** The longest message. Longer ones are cut. */
  messageBytes: 8 * 1024,
  /** The largest data of one line. Larger values are cut. */
  dataBytes: 16 * 1024,
} as const;

/** The level of a log line. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Writes to the log of a job, which is stored with the job, and to the logger of the worker. Never throws and never waits: lines are stored
 * in the background, and at the latest before the attempt ends. Lines that are logged after its end only go to the worker's logger.
 *
 * `data` may be any value. It is stored as JSON: dates as ISO strings, errors as objects, maps and sets as lists, bigints as strings, and
 * what cannot be read as a note in brackets. A message is cut after 8 KB and `data` after 16 KB, and both say so.
 *
 * A job keeps its latest 1,000 lines, and at most 256 KB of them. Readers see how many were dropped.
 */
export interface JobLog {
  /** Details for debugging. */
  debug(message: string, data?: unknown): void;
  /** Normal events. */
  info(message: string, data?: unknown): void;
  /** A problem that is being handled, or that needs attention. */
  warn(message: string, data?: unknown): void;
  /** A failure. */
  error(message: string, data?: unknown): void;
}

/** A line of a job's log. */
export interface JobLogLine {
  id: string;
  /** The number of the line in its job, from 1. Lines that were dropped have numbers too, so there may be gaps. */
  n: number;
  /** When it was logged: Redis's time, ms since 1970. */
  at: number;
  round: number;
  attempt: number;
  level: LogLevel;
  message: string;
  /** The data as plain JSON, if there is any. */
  data?: unknown;
  /** The number of lines before this one that are no longer kept, or could not be stored. */
  dropped?: number;
}

/** Some lines of a job's log, in order. */
export interface JobLogPage {
  lines: JobLogLine[];
  /** The position of the last line. Pass it as `after` for the lines that follow. Null if the log is empty. */
  position: string | null;
  /** Whether there are further lines already. */
  hasMore: boolean;
}

/** Who may read the logs of a kind's jobs: operators only, or also the owner of a job and holders of its token. */
export type LogReaders = "operators" | "owner";
