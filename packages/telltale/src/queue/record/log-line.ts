import { z } from "zod";
import { type JobLogLine, LOG_LEVELS, type LogLevel } from "../../core/index.js";

/** A stored line of a job's log. */
export interface LogLine {
  readonly n: number;
  readonly at: number;
  readonly round: number;
  readonly attempt: number;
  readonly level: LogLevel;
  /** As JSON. */
  readonly message: string;
  /** As JSON, or empty. */
  readonly data: string;
}

const Whole = z.coerce.number().int().nonnegative();
const Stored = z.tuple([Whole, Whole, Whole, Whole, z.enum(LOG_LEVELS), z.string(), z.string().default("")]);

/** Parses a line of the list or channel of a job's log. Returns null if it is malformed. */
export function parseLogLine(line: string): LogLine | null {
  const stored = Stored.safeParse(line.split("\n"));
  if (!stored.success) return null;
  const [n, at, round, attempt, level, message, data] = stored.data;
  return isJson(message) && (data === "" || isJson(data)) ? { n, at, round, attempt, level, message, data } : null;
}

/** Converts a stored line to the line that readers get. `previous` is the number of the last line that the reader has, or 0. */
export function toLogLine(id: string, line: LogLine, previous: number): JobLogLine {
  const { n, at, round, attempt, level, message, data } = line;
  const dropped = n - previous - 1;
  return {
    ...{ id, n, at, round, attempt, level, message: String(JSON.parse(message)) },
    ...(data !== "" && { data: JSON.parse(data) as unknown }),
    ...(dropped > 0 && { dropped }),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
