import type { AnyJob, JobChunk, JobEvent } from "../../core/index.js";

/** Shows one job while it is watched. */
export interface Display {
  event(event: JobEvent<AnyJob>): void;
  /** Something the job printed. */
  chunk(chunk: JobChunk<AnyJob>): void;
  /** Whether events arrive; said when that changes. */
  connected(isLive: boolean): void;
  /** Leaves the last line to somebody who asks a question, until `resume`. */
  pause(): void;
  resume(): void;
  /** Gives the screen back. Safe to call twice. */
  close(): void;
}
