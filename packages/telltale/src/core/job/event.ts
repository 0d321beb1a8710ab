import type { AnyJob, ChunkOf, OutputOf, ProgressOf } from "../contract/contract.js";
import type { JobError } from "./job-error.js";

/** What every event says, whatever the status. */
export interface JobEventBase<K> {
  id: string;
  kind: K;
  /** Counts the job's transitions from 1, without holes. */
  seq: number;
  /** Counts what changes between transitions; a jump means that reports were merged. */
  rev: number;
  /** 1, and one more after each rerun. */
  round: number;
  /** Executions begun in this round. */
  attempt: number;
  /** Redis time of the change, ms since 1970. */
  at: number;
  /** Somebody asked to cancel; the handler has been told. */
  cancelRequested?: true;
  /** What came before was lost or rewritten: this is a snapshot, start from it. */
  reset?: true;
}

/** Why a job is cancelled that nobody cancelled: it had not started within its `startWithin`. */
export type CancelReason = "not_started_in_time";

/** What a watcher of a job receives: a union by `kind` and `status`. */
export type JobEvent<J extends AnyJob> = J extends AnyJob
  ?
      | (JobEventBase<J["kind"]> & { status: "scheduled" | "queued" })
      | (JobEventBase<J["kind"]> & { status: "cancelled"; reason?: CancelReason })
      | (JobEventBase<J["kind"]> & { status: "running"; progress?: ProgressOf<J> })
      | (JobEventBase<J["kind"]> & { status: "retrying"; error: JobError<J> })
      | (JobEventBase<J["kind"]> & { status: "completed"; output: OutputOf<J> })
      | (JobEventBase<J["kind"]> & { status: "failed"; error: JobError<J> })
  : never;

/** What every chunk says. */
export interface JobChunkBase {
  id: string;
  round: number;
  /** The execution that wrote it: a retry starts its output anew. */
  attempt: number;
  /** Counts the job's chunks from 1, without holes. */
  n: number;
  /** Redis time it was stored, ms since 1970. */
  at: number;
}

/** A piece of a job's streamed output, or the mark that what follows was dropped. */
export type JobChunk<J extends AnyJob> = JobChunkBase &
  ({ data: ChunkOf<J>; truncated?: never } | { truncated: true; data?: never });
