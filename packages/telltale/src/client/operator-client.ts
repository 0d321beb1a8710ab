import type {
  Bulk,
  BulkOptions,
  BulkProgress,
  Duration,
  FailureGroup,
  HistoryOptions,
  JobFeed,
  QueueHistory,
  QueueStats,
  WorkerList,
  WorkersDrained,
} from "../core/index.js";
import type { QueuePaused } from "./calls/operator-replies.js";
import type { WatchOptions } from "./job-client.js";

/** What an operator can see and do, through the procedures of a jobs router that only operators may call. */
export interface OperatorClient {
  readonly workers: {
    /** Returns the workers that are there, by name and id. */
    list(): Promise<WorkerList>;
    /** Iterates over the workers: as they are now, then again after changes, at most once a second. It has no end. */
    watch(options?: WatchOptions): JobFeed<WorkerList>;
    /**
     * Asks all workers of a name to stop claiming jobs, until they are restarted. The jobs that they run now continue. Safe to repeat.
     * Rejects with `not_found` if there is no worker with this name.
     */
    drain(name: string): Promise<WorkersDrained>;
  };
  readonly queues: {
    /** Returns the current statistics of every queue. */
    list(): Promise<QueueStats[]>;
    /** Iterates over the statistics of all queues: as they are now, then again after changes, at most once a second. It has no end. */
    watch(options?: WatchOptions): JobFeed<QueueStats[]>;
    /** Returns what happened in a queue by minute or hour, and how long its jobs waited and ran. */
    history(options: HistoryOptions): Promise<QueueHistory>;
    /** Pauses a queue: none of its jobs start until `resume`. Running jobs continue. */
    pause(queue: string): Promise<QueuePaused>;
    /** Starts the jobs of a paused queue again. */
    resume(queue: string): Promise<QueuePaused>;
    /** Cancels the scheduled, queued and retrying jobs of a queue. Running jobs continue. */
    drain(queue: string, options?: BulkOptions): AsyncGenerator<BulkProgress, void, undefined>;
    /** Deletes the finished jobs of a queue that ended at least `olderThan` ago. */
    clean(
      queue: string,
      options: BulkOptions & { readonly olderThan: Duration },
    ): AsyncGenerator<BulkProgress, void, undefined>;
    /** Deletes a paused queue without running jobs, with all its jobs and schedules. `confirm` is its name again. */
    obliterate(
      queue: string,
      options: Omit<BulkOptions, "dryRun"> & { readonly confirm: string },
    ): AsyncGenerator<BulkProgress, void, undefined>;
  };
  /** Groups the failed jobs that are still kept by queue, kind and error code. */
  failures(): Promise<FailureGroup[]>;
  /** Actions on all jobs that match a filter. Each step is one call. */
  readonly bulk: Bulk;
}
