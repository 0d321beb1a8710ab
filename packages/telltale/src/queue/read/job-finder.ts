import type { JobPage, QueueStats } from "../../core/index.js";
import type { ListInput } from "../../core/schemas.js";
import type { OpenQueues } from "../open-queues.js";
import type { DetailRecord } from "../scripts/reading/detail.js";
import type { JobRecord } from "../scripts/reading/read.js";
import { listJobs } from "./list-jobs.js";

/** Finds jobs and tells how queues are doing. Who may see it is the caller's to check. */
export class JobFinder {
  readonly #queues: OpenQueues;

  constructor(queues: OpenQueues) {
    this.#queues = queues;
  }

  /** The job as it stands, or null. */
  async read(id: string): Promise<JobRecord | null> {
    return (await this.#queues.find(id)?.scripts.read(id)) ?? null;
  }

  /** The job as it stands with what went wrong so far, or null. */
  async detail(id: string): Promise<DetailRecord | null> {
    return (await this.#queues.find(id)?.scripts.detail(id)) ?? null;
  }

  /**
   * One page of jobs, newest first; of all owners unless the query names one. Rejects with `unknown_kind`, or
   * `invalid_input` for a queue nobody uses and a cursor of another list. `detail`: whether the real messages of failures
   * may be seen.
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

  /** How every queue is doing now. */
  stats(): Promise<QueueStats[]> {
    return Promise.all(this.#queues.all.map(({ scripts }) => scripts.stats()));
  }
}
