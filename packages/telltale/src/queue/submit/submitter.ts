import { TelltaleError } from "../../core/index.js";
import type { JobToStore } from "../record/job-to-store.js";
import { Coalescer } from "../scripts/coalescer.js";
import type { SubmitReply } from "../scripts/lifecycle/submit.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import { overQuota } from "./over-quota.js";
import type { ReplicaWait } from "./replica-wait.js";

/** A stored job: a new one, or an existing one with the same idempotency key. */
export interface Submitted {
  readonly id: string;
  readonly status: string;
  readonly created: boolean;
}

/** Submits to one queue. Submits of the same tick share script calls. */
export class Submitter {
  readonly #calls: Coalescer<JobToStore, SubmitReply>;

  /** `replicas` must use the same connection as `scripts`. Null if submits do not wait for replicas. */
  constructor(scripts: QueueScripts, replicas: ReplicaWait | null) {
    this.#calls = new Coalescer<JobToStore, SubmitReply>({
      send: (jobs) => {
        const store = () => scripts.submit(jobs);
        return replicas ? replicas.cover(store) : store();
      },
      bytesOf: ({ input }) => input.length,
    });
  }

  /** Rejects with `queue_full`, `too_many`, `idempotency_conflict` or `unique_conflict`, or if Redis did not answer. */
  async submit(job: JobToStore): Promise<Submitted> {
    const reply = await this.#calls.call(job);
    if (reply[0] === "too_many") throw overQuota(reply[1], job.quota);
    if (reply.length === 3) return { id: reply[1], status: reply[2], created: reply[0] === "created" };
    if (reply.length === 1) throw new TelltaleError(reply[0]);
    throw new TelltaleError(reply[0], undefined, { data: { id: reply[1] } });
  }
}
