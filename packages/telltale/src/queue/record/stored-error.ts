import { z } from "zod";
import { JOB_ERRORS } from "../../core/index.js";
import { decode, JOB_ERROR_CODE_PATTERN } from "../../core/internal.js";
import { StoredError } from "../../core/schemas.js";

/** The code of a stored error, by which its job is found again; null where what is stored has none. */
export function codeOf(stored: string): string | null {
  const code = parse(stored)?.code;
  return code !== undefined && JOB_ERROR_CODE_PATTERN.test(code) ? code : null;
}

/** A stored error as it is told. `detail`: whether the real message may be seen (operators). */
export function toJobError(stored: string, detail: boolean): { code: string; message: string; data?: unknown } {
  const error = parse(stored);
  if (!error) return { code: "corrupt", message: JOB_ERRORS.corrupt };
  const message = detail && error.detail !== undefined ? error.detail : error.message;
  return { code: error.code, message, ...(error.data === undefined ? {} : { data: error.data }) };
}

function parse(stored: string): StoredError | null {
  try {
    return StoredError.parse(decode(stored));
  } catch {
    // One record that nobody can read must not keep a page of others from being listed.
    return null;
  }
}

/** The error of one attempt as stored. */
export interface ErrorLine {
  readonly round: number;
  readonly attempt: number;
  readonly at: number;
  /** A `StoredError`, encoded. */
  readonly error: string;
}

const Line = z.string().regex(/^\d+\n\d+\n\d+\n/);

/** A line of a job's errors. Throws for one that is not ours. */
export function parseErrorLine(line: string): ErrorLine {
  const [round = "", attempt = "", at = "", ...error] = Line.parse(line).split("\n");
  return { round: Number(round), attempt: Number(attempt), at: Number(at), error: error.join("\n") };
}
