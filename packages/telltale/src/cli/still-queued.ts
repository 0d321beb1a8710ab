import type { JobStatus } from "../core/index.js";

/** Calls `tell` once if a job stays queued for `afterMs`, because then there may be no worker. */
export class StillQueued {
  readonly #afterMs: number;
  readonly #tell: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isTold = false;

  constructor(afterMs: number, tell: () => void) {
    this.#afterMs = afterMs;
    this.#tell = tell;
  }

  /** Call this with the status of each event. */
  event(status: JobStatus): void {
    clearTimeout(this.#timer);
    if (status !== "queued" || this.#isTold) return;
    this.#timer = setTimeout(() => {
      this.#isTold = true;
      this.#tell();
    }, this.#afterMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#isTold = true;
  }
}
