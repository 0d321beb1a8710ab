import {
  type BulkOptions,
  type BulkProgress,
  type Duration,
  type HistoryOptions,
  type QueueHistory,
  type QueueStats,
  TelltaleError,
} from "../../core/index.js";
import { bulkSteps, durationMs, invalidInput } from "../../core/internal.js";
import { HistoryInput } from "../../core/schemas.js";
import type { Engine } from "../engine.js";

/** Statistics and management of an application's queues. */
export interface Queues {
  /**
   * Returns the current statistics of every queue that the contracts use or used before, and of other queues with unfinished jobs but
   * without workers: those of kinds that moved or were removed.
   */
  list(): Promise<QueueStats[]>;
  /**
   * Yields the statistics of all queues: the current ones first, then again after changes, at most once a second. Ends when the signal
   * aborts.
   */
  watch(options?: Readonly<{ signal?: AbortSignal | undefined }>): AsyncGenerator<QueueStats[], void, undefined>;
  /**
   * Returns what happened in a queue by minute or hour: how many jobs were submitted, started, completed and so on, and how long they waited
   * and ran. Minutes are kept for 6 hours, and hours for 30 days. Rejects with `invalid_input` for an unknown queue, or a period that is in
   * the future or no longer kept, and with `unknown_kind`.
   */
  history(options: HistoryOptions): Promise<QueueHistory>;
  /**
   * Pauses a queue: none of its jobs start until `resume`. Running jobs continue. Rejects with `invalid_input` for a queue that no
   * contract uses.
   */
  pause(queue: string): Promise<void>;
  /** Resumes a paused queue. Rejects with `invalid_input` for a queue that no contract uses. */
  resume(queue: string): Promise<void>;
  /**
   * Cancels the scheduled, queued and retrying jobs of a queue, of all kinds, and yields its progress after each step. Running jobs
   * continue. Throws `invalid_input` for an unknown queue.
   */
  drain(queue: string, options?: BulkOptions): AsyncGenerator<BulkProgress, void, undefined>;
  /**
   * Deletes the finished jobs of a queue that ended at least `olderThan` before the call, of all kinds. Throws like `drain`, and
   * `invalid_config` for an invalid duration.
   */
  clean(
    queue: string,
    options: BulkOptions & { readonly olderThan: Duration },
  ): AsyncGenerator<BulkProgress, void, undefined>;
  /**
   * Deletes a queue with all its jobs, schedules and counters. `confirm` is its name again. Throws `invalid_input` unless the queue is
   * paused and runs no jobs.
   */
  obliterate(
    queue: string,
    options: Pick<BulkOptions, "cursor" | "signal"> & { readonly confirm: string },
  ): AsyncGenerator<BulkProgress, void, undefined>;
}

/** Returns the queues of an engine. */
export function queuesOf(engine: Engine): Queues {
  return {
    list: () => engine.find.stats(),
    async *watch({ signal } = {}) {
      for await (const { items } of engine.statsWatch.watch(await engine.find.statsNames(), { signal })) yield items;
    },
    async history(options) {
      const input = HistoryInput.safeParse(options);
      if (!input.success) throw invalidInput("The options of the history are invalid", input.error);
      return engine.find.history(input.data);
    },
    pause: (queue) => engine.pause(queue),
    resume: (queue) => engine.resume(queue),
    drain: (queue, { dryRun, ...options } = {}) =>
      bulkSteps((cursor) => engine.bulk.drain({ queue, dryRun, cursor }), options),
    clean: (queue, { olderThan, dryRun, ...options }) => {
      const olderThanMs = durationMs(olderThan);
      return bulkSteps((cursor) => engine.bulk.clean({ queue, olderThanMs, dryRun, cursor }), options);
    },
    obliterate(queue, { confirm, ...options }) {
      if (confirm !== queue) throw new TelltaleError("invalid_input", "`confirm` is not the name of the queue");
      return bulkSteps((cursor) => engine.bulk.obliterate(queue, cursor), options);
    },
  };
}
