import { availableParallelism } from "node:os";
import { type JudgeRunOptions, judgeSubmission } from "./judge-submission.js";
import { ThreadPool } from "./thread-pool.js";
import type { Judged } from "./verdict.js";

/** Options of a judge. */
export interface JudgeOptions {
  /**
   * How many submissions run at the same time. Others wait.
   * @default os.availableParallelism()
   */
  readonly threads?: number | undefined;
}

/** Starts a judge with its threads. */
export function createJudge({ threads = availableParallelism() }: JudgeOptions = {}): Judge {
  return new Judge(threads);
}

/** Runs submissions in sandbox threads until it is closed. */
export class Judge implements AsyncDisposable {
  readonly #pool: ThreadPool;
  readonly #running = new Map<AbortController, Promise<Judged>>();
  #closed: Promise<void> | undefined;

  /** Use {@link createJudge}. */
  constructor(threads: number) {
    this.#pool = new ThreadPool(threads);
  }

  /** Judges one submission. Rejects on abort, on close, or if no thread can start, but never because of the program. */
  async run(options: JudgeRunOptions): Promise<Judged> {
    if (this.#closed) throw new Error("The judge is closed");
    const { signal } = options;
    // Not AbortSignal.any: one signal for the judge's whole life would keep a listener per submission in Node 20.
    const stop = new AbortController();
    const onAbort = (): void => stop.abort(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    const running = judgeSubmission(this.#pool, { ...options, signal: stop.signal });
    this.#running.set(stop, running);
    try {
      return await running;
    } finally {
      this.#running.delete(stop);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Aborts the running submissions, which reject, and ends every thread. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    for (const stop of this.#running.keys()) stop.abort(new Error("The judge was closed"));
    // A run settles when its thread is free or gone. The pool must not close before that.
    await Promise.allSettled(this.#running.values());
    await this.#pool.close();
  }
}
