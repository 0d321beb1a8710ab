import { z } from "zod";
import { JOB_ERRORS } from "../../core/index.js";
import { decode, JOB_ERROR_CODE_PATTERN, redact } from "../../core/internal.js";
import { StoredError } from "../../core/schemas.js";
import type { Viewer } from "../viewer.js";

/** Returns the code of a stored error, by which lists can be filtered. Null if the error is malformed. */
export function codeOf(stored: string): string | null {
  const code = parse(stored)?.code;
  return code !== undefined && JOB_ERROR_CODE_PATTERN.test(code) ? code : null;
}

/** Converts a stored error for a caller. */
export function toJobError(
  stored: string,
  { isOperator, hidden }: Viewer,
): { code: string; message: string; data?: unknown } {
  const error = parse(stored);
  if (!error) return { code: "corrupt", message: JOB_ERRORS.corrupt };
  const message = isOperator && error.detail !== undefined ? error.detail : error.message;
  return { code: error.code, message, ...(error.data === undefined ? {} : { data: redact(error.data, hidden) }) };
}

function parse(stored: string): StoredError | null {
  try {
    return StoredError.parse(decode(stored));
  } catch {
    // One malformed record must not make a whole page fail.
    return null;
  }
}

/** The error of one attempt, as it is stored. */
export interface ErrorLine {
  readonly round: number;
  readonly attempt: number;
  readonly at: number;
  /** A `StoredError`, encoded. */
  readonly error: string;
}

const Line = z.string().regex(/^\d+\n\d+\n\d+\n/);

/** Parses a line of a job's errors. Throws if it is malformed. */
export function parseErrorLine(line: string): ErrorLine {
  const [round = "", attempt = "", at = "", ...error] = Line.parse(line).split("\n");
  return { round: Number(round), attempt: Number(attempt), at: Number(at), error: error.join("\n") };
}
