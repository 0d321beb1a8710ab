import type { JobPage, QueueStats } from "../../core/index.js";
import type { ListInput } from "../../core/schemas.js";
import type { OpenQueues } from "../open-queues.js";
import type { DetailRecord } from "../scripts/reading/detail.js";
import type { JobRecord } from "../scripts/reading/read.js";
import { listJobs } from "./list-jobs.js";

/** Reads jobs and the statistics of queues. It checks no permissions; the caller does. */
export class JobFinder {
  readonly #queues: OpenQueues;

  constructor(queues: OpenQueues) {
    this.#queues = queues;
  }

  /** Returns the job's record, or null. */
  async read(id: string): Promise<JobRecord | null> {
    return (await this.#queues.find(id)?.scripts.read(id)) ?? null;
  }

  /** Returns the job's record with the errors of its failed attempts, or null. */
  async detail(id: string): Promise<DetailRecord | null> {
    return (await this.#queues.find(id)?.scripts.detail(id)) ?? null;
  }

  /**
   * Returns one page of jobs, newest first, of all owners unless the query names one. Rejects with `unknown_kind`, or with
   * `invalid_input` for a queue that no contract uses or for a cursor from another list. `detail`: whether the caller is an
   * operator, who may see the real messages of failures.
   */
  async list(query: ListInput, { detail }: Readonly<{ detail: boolean }>): Promise<JobPage> {
    const queue = query.kind === undefined ? query.queue : this.#queues.contract(query.kind).queue;
    const queues = queue === undefined ? this.#queues.all : [this.#queues.asNamed(queue)];
    return listJobs(query, {
      queues: queues.map(({ scripts }) => scripts),
      isKnown: (kind) => this.#queues.isKnown(kind),
      detail,
    });
  }

  /** Returns the current statistics of every queue. */
  stats(): Promise<QueueStats[]> {
    return Promise.all(this.#queues.all.map(({ scripts }) => scripts.stats()));
  }
}
