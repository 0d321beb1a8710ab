import { z } from "zod";

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
