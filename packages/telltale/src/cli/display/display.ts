import type { AnyJob, JobChunk, JobEvent } from "../../core/index.js";

/** Shows a job while it is watched. */
export interface Display {
  event(event: JobEvent<AnyJob>): void;
  /** Shows output that the job printed. */
  chunk(chunk: JobChunk<AnyJob>): void;
  /** Call this when the connection starts or stops delivering events. */
  connected(isLive: boolean): void;
  /** Shows a remark about the job, apart from its events. */
  notice(text: string): void;
  /** Holds back output until `resume`, so that a question can be shown on the last line. */
  pause(): void;
  resume(): void;
  /** Shows the remaining output and releases the screen. Safe to call twice. */
  close(): void;
}
