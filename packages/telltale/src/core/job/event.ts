import type { AnyJob, ChunkOf, OutputOf, ProgressOf } from "../contract/contract.js";
import type { JobError } from "./job-error.js";

/** The fields of every event. */
export interface JobEventBase<K> {
  id: string;
  kind: K;
  /** The number of the job's latest transition, from 1, without gaps. */
  seq: number;
  /** The number of changes since that transition, such as progress. Numbers are skipped when progress reports are merged. */
  rev: number;
  /** The round, from 1. Each rerun starts a new one. */
  round: number;
  /** The number of the latest attempt in this round. 0 before the first. */
  attempt: number;
  /** When the change happened: Redis's time, ms since 1970. */
  at: number;
  /** Set if a cancel was requested while the job was running. The handler's signal is aborted. */
  cancelRequested?: true;
  /** Set if earlier events were lost or rewritten. This event is a snapshot: discard your earlier state and continue from it. */
  reset?: true;
}

/** Why the system cancelled a job: it did not start within its `startWithin`. */
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
  /** The attempt that wrote the chunk. A retry writes the output again from its start. */
  attempt: number;
  /** The number of the chunk in its job, from 1, without gaps. */
  n: number;
  /** When the chunk was stored: Redis's time, ms since 1970. */
  at: number;
}

/** One piece of a job's streamed output. `truncated` means that further pieces were dropped, see `LIMITS.jobChunkBytes`. */
export type JobChunk<J extends AnyJob> = JobChunkBase &
  ({ data: ChunkOf<J>; truncated?: never } | { truncated: true; data?: never });
