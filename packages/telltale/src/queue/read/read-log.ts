import type { JobLogLine, JobLogPage } from "../../core/index.js";
import { linePosition, parseLinePosition } from "../record/line-position.js";
import { type LogLine, parseLogLine, toLogLine } from "../record/log-line.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { LinePage } from "../watch/line-watch.js";

/** A line of a job's log, and the position of a reader who has it. */
export interface PositionedLine {
  readonly position: string;
  readonly line: JobLogLine;
}

/** Lines of a job's log, and whether there are further ones. */
export interface LogRead {
  readonly lines: readonly PositionedLine[];
  readonly hasMore: boolean;
}

/** Which lines to read. */
export interface LogQuery {
  /** The position of the reader. @default before the first line */
  readonly after?: string | undefined;
  /** The most lines to return. */
  readonly limit: number;
}

/** Reads the stored lines of a job's log whose numbers are at least `from`, and the job's status before them. */
export async function readStoredLog(
  scripts: QueueScripts,
  id: string,
  { from, count }: Readonly<{ from: number; count: number }>,
): Promise<LinePage<LogLine>> {
  const read = await scripts.readLog({ id, from, limit: count });
  if (!read) return { status: null, lines: [], isFull: false };
  const { status, lines } = read;
  return { status, lines: lines.flatMap((line) => parseLogLine(line) ?? []), isFull: lines.length === count };
}

/** Reads lines of a job's log after a position. Returns null if there is no such job. */
export async function readLog(scripts: QueueScripts, id: string, { after, limit }: LogQuery): Promise<LogRead | null> {
  const cursor = (after !== undefined && parseLinePosition(after)) || { n: 0, at: 0 };
  // One line more at each end: the one at the cursor, and one that shows that there are more.
  const { status, lines, isFull } = await readStoredLog(scripts, id, { from: Math.max(cursor.n, 1), count: limit + 2 });
  if (status === null) return null;
  // The cursor belongs to another job or another history.
  if (cursor.n > 0 && !continues(lines[0], cursor)) return readLog(scripts, id, { limit });
  const later = lines.filter(({ n }) => n > cursor.n);
  return {
    lines: positioned(id, later.slice(0, limit), cursor.n),
    hasMore: later.length > limit || (isFull && later.length > 0),
  };
}

/** Converts what was read to the reply of a call. `after` is the position of a reader who gets no line. */
export function toLogPage({ lines, hasMore }: LogRead, after: string | undefined): JobLogPage {
  return { lines: lines.map(({ line }) => line), position: lines.at(-1)?.position ?? after ?? null, hasMore };
}

/** Converts the stored lines after the line with this number, or after 0. */
function positioned(id: string, lines: readonly LogLine[], after: number): PositionedLine[] {
  return lines.map((line, i) => ({
    position: linePosition(line),
    line: toLogLine(id, line, lines[i - 1]?.n ?? after),
  }));
}

// If a later line is the first one, the one at the cursor was dropped with the oldest ones.
function continues(line: LogLine | undefined, cursor: Readonly<{ n: number; at: number }>): boolean {
  return line !== undefined && (line.n > cursor.n || (line.n === cursor.n && line.at === cursor.at));
}
