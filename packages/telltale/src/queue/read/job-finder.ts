import type { FailureGroup, JobPage, Jobs, QueueHistory, QueueStats } from "../../core/index.js";
import type { HistoryInput, JobFilter, ListInput } from "../../core/schemas.js";
import { readHistory } from "../history/read-history.js";
import type { OpenQueue, OpenQueues, Search } from "../open-queues.js";
import type { DetailRecord } from "../scripts/reading/detail.js";
import type { JobRecord } from "../scripts/reading/read.js";
import { listFailures } from "./list-failures.js";
import { listNewest } from "./list-newest.js";
import { listSlowest } from "./list-slowest.js";
import { type LogQuery, type LogRead, readLog } from "./read-log.js";

/** A job's record, and the queue in which it was found. */
export interface FoundJob extends JobRecord {
  readonly queue: string;
}

/** Reads jobs and the statistics of queues. It checks no permissions; the caller does. */
export class JobFinder {
  readonly #queues: OpenQueues;
  readonly #jobs: Jobs;

  constructor(queues: OpenQueues, jobs: Jobs) {
    this.#queues = queues;
    this.#jobs = jobs;
  }

  /** Returns the job's record, or null. */
  async read(id: string): Promise<JobRecord | null> {
    return this.#queues.read(id, (scripts) => scripts.read(id));
  }

  /** Like `read`; see `OpenQueues.search`. */
  search(id: string): Promise<Search<FoundJob>> {
    return this.#queues.search(id, async ({ scripts, keys: { queue } }) => {
      const record = await scripts.read(id);
      return record && { ...record, queue };
    });
  }

  /** Like `detail`; see `OpenQueues.search`. */
  searchDetail(id: string): Promise<Search<DetailRecord>> {
    return this.#queues.search(id, ({ scripts }) => scripts.detail(id));
  }

  /** Returns the job's record with the errors of its failed attempts, or null. */
  async detail(id: string): Promise<DetailRecord | null> {
    return this.#queues.read(id, (scripts) => scripts.detail(id));
  }

  /** Returns lines of the job's log after a position, or null if there is no such job. */
  async log(id: string, query: LogQuery): Promise<LogRead | null> {
    return this.#queues.read(id, (scripts) => readLog(scripts, id, query));
  }

  /**
   * Returns one page of jobs, of all owners unless the query names one. Rejects with `unknown_kind`, or with
   * `invalid_input` for a queue that no contract uses or for a cursor from another list. `detail`: whether the caller is an
   * operator, who may see the real messages of failures.
   */
  async list(query: ListInput, { detail }: Readonly<{ detail: boolean }>): Promise<JobPage> {
    const queues = (await this.queuesFor(query)).map(({ scripts }) => scripts);
    const listing = { queues, isKnown: (kind: string) => this.#queues.isKnown(kind), detail };
    return query.sort === "slowest" ? listSlowest(query, listing) : listNewest(query, listing);
  }

  /** Groups failed jobs by kind and error code; see `listFailures`. */
  failures(): Promise<FailureGroup[]> {
    return listFailures(
      this.#jobs,
      this.#queues.all.map(({ scripts }) => scripts),
    );
  }

  /** Returns the current statistics of every queue of the contracts, and of queues with jobs but neither a contract nor workers. */
  async stats(): Promise<QueueStats[]> {
    const named = Promise.all(this.#queues.all.map(({ scripts }) => scripts.stats()));
    const [ours, others] = await Promise.all([named, this.withoutContract()]);
    return [...ours, ...others.filter(({ hasWorkers }) => !hasWorkers)];
  }

  /** Returns the names of the queues whose statistics `stats` returns. */
  async statsNames(): Promise<string[]> {
    // A watch of statistics can begin before Redis answers, and then only misses these.
    const others = await this.withoutContract().catch(() => []);
    return [...this.#queues.names, ...others.filter(({ hasWorkers }) => !hasWorkers).map(({ queue }) => queue)];
  }

  /** Returns the statistics of the queues with unfinished jobs that no contract of this process names. */
  async withoutContract(): Promise<QueueStats[]> {
    const others = await this.#queues.others();
    const stats = await Promise.all(others.map(({ scripts }) => scripts.stats()));
    return stats.filter(({ jobs }) => jobs.scheduled + jobs.queued + jobs.running + jobs.retrying > 0);
  }

  /**
   * Returns the history of a queue. Rejects with `invalid_input` for a queue that no process with this prefix has used, or a period that is
   * no longer kept, and with `unknown_kind`.
   */
  async history(input: HistoryInput): Promise<QueueHistory> {
    const queue = await this.#named(input.queue);
    const known = this.#queues;
    return readHistory(queue.scripts, input, (kind) => known.isKnown(kind) && known.ofKind(kind).includes(queue));
  }

  /** Returns the queues in which jobs that match may be. Rejects with `unknown_kind`, or `invalid_input` for an unknown queue. */
  async queuesFor({ kind, queue }: JobFilter): Promise<readonly OpenQueue[]> {
    if (kind !== undefined) return this.#queues.ofKind(kind);
    return queue === undefined ? this.#queues.all : [await this.#named(queue)];
  }

  async #named(queue: string): Promise<OpenQueue> {
    const isNamed = this.#queues.names.includes(queue);
    const other = isNamed ? undefined : (await this.#queues.others()).find(({ keys }) => keys.queue === queue);
    return other ?? this.#queues.asNamed(queue);
  }
}
