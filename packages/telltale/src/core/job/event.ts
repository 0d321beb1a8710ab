import type { AnyJob, ChunkOf, OutputOf, ProgressOf } from "../contract/contract.js";
import type { JobError } from "./job-error.js";

/** The fields of every event. */
export interface JobEventBase<K> {
  id: string;
  kind: K;
  /** Counts the job's transitions from 1, without gaps. */
  seq: number;
  /** Counts the changes between two transitions. It skips numbers when progress reports were merged. */
  rev: number;
  /** The round, from 1. Each rerun starts a new one. */
  round: number;
  /** The number of the latest attempt in this round. 0 before the first. */
  attempt: number;
  /** When the change happened: Redis's time, ms since 1970. */
  at: number;
  /** A cancel was requested while the job was running. The handler's signal has aborted. */
  cancelRequested?: true;
  /** Earlier events were lost or rewritten. This event is a snapshot: discard what you had and continue from it. */
  reset?: true;
}

/** Why the system cancelled a job: it had not started within its `startWithin`. */
export type CancelReason = "not_started_in_time";

/** An event of a job, as watchers receive it: a union by `kind` and `status`. */
export type JobEvent<J extends AnyJob> = J extends AnyJob
  ?
      | (JobEventBase<J["kind"]> & { status: "scheduled" | "queued" })
      | (JobEventBase<J["kind"]> & { status: "cancelled"; reason?: CancelReason })
      | (JobEventBase<J["kind"]> & { status: "running"; progress?: ProgressOf<J> })
      | (JobEventBase<J["kind"]> & { status: "retrying"; error: JobError<J> })
      | (JobEventBase<J["kind"]> & { status: "completed"; output: OutputOf<J> })
      | (JobEventBase<J["kind"]> & { status: "failed"; error: JobError<J> })
  : never;

/** The fields of every chunk. */
export interface JobChunkBase {
  id: string;
  round: number;
  /** The attempt that wrote it. A retry starts the output again. */
  attempt: number;
  /** Counts the job's chunks from 1, without gaps. */
  n: number;
  /** When it was stored: Redis's time, ms since 1970. */
  at: number;
}

/** One piece of a job's streamed output, or a mark that some were dropped here. */
export type JobChunk<J extends AnyJob> = JobChunkBase &
  ({ data: ChunkOf<J>; truncated?: never } | { truncated: true; data?: never });
