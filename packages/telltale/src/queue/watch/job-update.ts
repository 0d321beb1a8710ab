import { type AnyJob, formatPosition, type JobEvent, type JobStatus, type Position } from "../../core/index.js";
import { decode, redact } from "../../core/internal.js";
import type { FeedMessage, Revision, Transition } from "../record/feed-line.js";
import { toJobError } from "../record/stored-error.js";
import type { JobRecord } from "../scripts/reading/read.js";
import type { Viewer } from "../viewer.js";

/** The fields of a record that `fromRecord` needs. Several scripts return them. */
type CurrentState = Pick<
  JobRecord,
  "at" | "seq" | "rev" | "status" | "round" | "attempt" | "progress" | "output" | "error" | "cancelRequested" | "feed"
>;

/** A change of a job for watchers, with its payload still encoded. */
export interface JobUpdate {
  readonly position: Position;
  readonly status: JobStatus;
  readonly round: number;
  readonly attempt: number;
  readonly at: number;
  /** Encoded. */
  readonly progress: string | null;
  /** The encoded output or error, or why the job was cancelled. */
  readonly payload: string | null;
  readonly cancelRequested: boolean;
  readonly reset: boolean;
}

/** Converts a transition to an update. */
export function fromTransition(transition: Transition): JobUpdate {
  const { seq, at, status, round, attempt, payload } = transition;
  const position = { epoch: at, seq, rev: 0 };
  return { position, status, round, attempt, at, payload, progress: null, cancelRequested: false, reset: false };
}

/** Converts a change between transitions to an update. Only running jobs have such changes. */
function fromRevision(revision: Revision): JobUpdate {
  const { seq, epoch, rev, at, round, attempt, progress, cancelRequested } = revision;
  const position = { epoch, seq, rev };
  return { position, status: "running", round, attempt, at, progress, payload: null, cancelRequested, reset: false };
}

/** Converts a message of a job's channel to an update. */
export function fromMessage(message: FeedMessage): JobUpdate {
  return message.type === "transition" ? fromTransition(message) : fromRevision(message);
}

/** Converts a job's current state to an update. */
export function fromRecord(record: CurrentState, reset: boolean): JobUpdate {
  const { at, seq, rev, status, round, attempt, progress, cancelRequested } = record;
  return {
    position: { epoch: at, seq, rev },
    status,
    round,
    attempt,
    at,
    progress: status === "running" ? progress : null,
    payload: newestPayload(record),
    cancelRequested: cancelRequested && status === "running",
    reset,
  };
}

/** Returns the payload of a job's newest transition. An output or error is in the hash, not in the feed. */
export function newestPayload(record: CurrentState): string | null {
  if (record.status === "completed") return record.output;
  if (record.status === "cancelled") return record.feed.at(-1)?.payload ?? null;
  return record.status === "failed" || record.status === "retrying" ? record.error : null;
}

/** Converts an update to the event that a watcher gets. */
export function toEvent(
  job: Readonly<{ id: string; kind: string }>,
  update: JobUpdate,
  viewer: Viewer,
): JobEvent<AnyJob> {
  const shown = (payload: string): unknown => redact(decode(payload), viewer.hidden);
  const { position, status, round, attempt, at } = update;
  const event = {
    id: job.id,
    kind: job.kind,
    seq: position.seq,
    rev: position.rev,
    round,
    attempt,
    at,
    status,
    ...(update.progress === null ? {} : { progress: shown(update.progress) }),
    ...(status === "completed" && update.payload !== null ? { output: shown(update.payload) } : {}),
    ...((status === "failed" || status === "retrying") && update.payload !== null
      ? { error: toJobError(update.payload, viewer) }
      : {}),
    ...(status === "cancelled" && update.payload === "expired" ? { reason: "not_started_in_time" } : {}),
    ...(update.cancelRequested ? { cancelRequested: true } : {}),
    ...(update.reset ? { reset: true } : {}),
  };
  // The scripts guarantee the union by status: a completed job has an output, and a failed one an error.
  return event as JobEvent<AnyJob>;
}

/** Returns the tracked id of an update. */
export function positionOf(update: JobUpdate): string {
  return formatPosition(update.position);
}
