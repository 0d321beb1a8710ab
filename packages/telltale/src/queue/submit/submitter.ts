import { hasCode, TelltaleError } from "../../core/index.js";
import type { JobToStore } from "../record/job-to-store.js";
import { toTelltaleError } from "../redis/redis-error.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import { overQuota } from "./over-quota.js";
import type { ReplicaWait } from "./replica-wait.js";

/** A stored job: a new one, or an existing one with the same idempotency key. */
export interface Submitted {
  readonly id: string;
  readonly status: string;
  readonly created: boolean;
}

interface Waiting {
  readonly job: JobToStore;
  resolve(submitted: Submitted): void;
  reject(error: TelltaleError): void;
}

interface Batch {
  /** The number of the batch. Batches are numbered in the order in which they were created. */
  readonly n: number;
  readonly jobs: Waiting[];
  bytes: number;
}

const BATCH = 50;
const BATCH_BYTES = 1024 * 1024;
// Enough to keep Redis busy. More calls would only wait in Redis while their five-second timeout runs.
const MAX_CALLS = 4;

/**
 * Combines submits to one queue in the same tick into script calls of up to fifty jobs. Such a call costs little more than one for a
 * single job. Up to four calls are in flight at a time, and further submits wait here, in order.
 */
export class Submitter {
  readonly #scripts: QueueScripts;
  readonly #replicas: ReplicaWait | null;
  readonly #waiting: Batch[] = [];
  #batches = 0;
  #calls = 0;
  #isScheduled = false;

  /** `replicas` must use the same connection as `scripts`. Null if submits do not wait for replicas. */
  constructor(scripts: QueueScripts, replicas: ReplicaWait | null) {
    this.#scripts = scripts;
    this.#replicas = replicas;
  }

  submit(job: JobToStore): Promise<Submitted> {
    return new Promise((resolve, reject) => {
      const batch = this.#open();
      batch.jobs.push({ job, resolve, reject });
      batch.bytes += job.input.length;
      this.#sendSoon();
    });
  }

  #open(): Batch {
    const last = this.#waiting.at(-1);
    if (last && last.jobs.length < BATCH && last.bytes <= BATCH_BYTES) return last;
    this.#batches += 1;
    const batch = { n: this.#batches, jobs: [], bytes: 0 };
    this.#waiting.push(batch);
    return batch;
  }

  // Deferred, so that submits in the same tick, or in response to the same reply, share a call.
  #sendSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      while (this.#calls < MAX_CALLS) {
        const batch = this.#waiting.shift();
        if (!batch) return;
        this.#calls += 1;
        void this.#send(batch).finally(() => {
          this.#calls -= 1;
          if (this.#waiting.length > 0) this.#sendSoon();
        });
      }
    });
  }

  async #send({ jobs }: Batch): Promise<void> {
    const newest = this.#batches;
    try {
      const store = () => this.#scripts.submit(jobs.map(({ job }) => job));
      const replies = await (this.#replicas ? this.#replicas.cover(store) : store());
      for (const [i, one] of jobs.entries()) {
        const reply = replies[i];
        if (!reply) one.reject(new TelltaleError("outcome_unknown"));
        else if (reply[0] === "too_many") one.reject(overQuota(reply[1], one.job.quota));
        else if (reply.length === 3) one.resolve({ id: reply[1], status: reply[2], created: reply[0] === "created" });
        else if (reply.length === 1) one.reject(new TelltaleError(reply[0]));
        else one.reject(new TelltaleError(reply[0], undefined, { data: { id: reply[1] } }));
      }
    } catch (cause) {
      const error = toTelltaleError(cause, { wasSentOnce: false });
      for (const one of jobs) one.reject(error);
      if (hasCode(error, "redis_unavailable")) this.#refuse(newest, error);
    }
  }

  // If a call fails because Redis is unavailable, the batches that waited behind it fail too. So every submit gets its error after two
  // seconds, however many there are. The newest batch is kept, because submits may have been added to it after the call started.
  #refuse(newest: number, error: TelltaleError): void {
    for (let batch = this.#waiting[0]; batch && batch.n < newest; batch = this.#waiting[0]) {
      this.#waiting.shift();
      for (const one of batch.jobs) one.reject(error);
    }
  }
}
