import { z } from "zod";
import { JOB_STATUSES, type JobStatus } from "../../core/index.js";

/** A change of status, as it is stored in a job's feed and published on its channel. */
export interface Transition {
  readonly seq: number;
  readonly at: number;
  readonly status: JobStatus;
  readonly round: number;
  readonly attempt: number;
  /** The encoded output or error, or the worker that runs the job. Null if there is none, or if it is in the job's hash. */
  readonly payload: string | null;
}

/** A change between two transitions (progress, or a request to cancel), as it is published. */
export interface Revision {
  readonly seq: number;
  /** Redis's time at the transition with this seq, ms. */
  readonly epoch: number;
  readonly rev: number;
  readonly at: number;
  readonly round: number;
  readonly attempt: number;
  readonly cancelRequested: boolean;
  /** Encoded. Null if there is none. */
  readonly progress: string | null;
}

/** A message of a job's channel. */
export type FeedMessage = ({ type: "transition" } & Transition) | ({ type: "revision" } & Revision);

const Whole = z.coerce.number().int().nonnegative();
const Payload = z.string().transform((text) => (text === "" ? null : text));
const TransitionLine = z.tuple([z.literal("t"), Whole, Whole, z.enum(JOB_STATUSES), Whole, Whole, Payload]);
const RevisionLine = z.tuple([z.literal("r"), Whole, Whole, Whole, Whole, Whole, Whole, z.enum(["0", "1"]), Payload]);

/** Parses a line of the feed. Throws if it is malformed. */
export function parseTransition(line: string): Transition {
  const [, seq, at, status, round, attempt, payload] = TransitionLine.parse(split(line, 7));
  return { seq, at, status, round, attempt, payload };
}

/** Parses a message of the channel. Returns null if it is malformed. No state is lost then, because it is in the job's hash. */
export function parseFeedMessage(line: string): FeedMessage | null {
  if (line.startsWith("t\n")) {
    const parsed = TransitionLine.safeParse(split(line, 7));
    if (!parsed.success) return null;
    const [, seq, at, status, round, attempt, payload] = parsed.data;
    return { type: "transition", seq, at, status, round, attempt, payload };
  }
  const parsed = RevisionLine.safeParse(split(line, 9));
  if (!parsed.success) return null;
  const [, seq, epoch, rev, at, round, attempt, cancelRequested, progress] = parsed.data;
  return { type: "revision", seq, epoch, rev, at, round, attempt, cancelRequested: cancelRequested === "1", progress };
}

// Each field is one line, except the last one: a payload, which may contain line breaks.
function split(line: string, fields: number): string[] {
  const parts: string[] = [];
  let from = 0;
  while (parts.length < fields - 1) {
    const to = line.indexOf("\n", from);
    if (to < 0) break;
    parts.push(line.slice(from, to));
    from = to + 1;
  }
  parts.push(line.slice(from));
  return parts;
}
