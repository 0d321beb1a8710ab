import { hasCode, TelltaleError } from "../../core/index.js";
import type { JobToStore } from "../record/job-to-store.js";
import { toTelltaleError } from "../redis/redis-error.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { ReplicaWait } from "./replica-wait.js";

/** A stored job: the one made, or the one that was there under the same idempotency key. */
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
  /** Rising in the order batches were begun. */
  readonly n: number;
  readonly jobs: Waiting[];
  bytes: number;
}

const BATCH = 50;
const BATCH_BYTES = 1024 * 1024;
// Enough that Redis never waits for us. Calls beyond would stand in its line with their five seconds running.
const CALLS_AT_ONCE = 4;

/**
 * Collects what is submitted to one queue in one tick into script calls of fifty jobs, which cost little more than one, and
 * keeps four calls on their way. What comes faster waits here, in order.
 */
export class Submitter {
  readonly #scripts: QueueScripts;
  readonly #replicas: ReplicaWait | null;
  readonly #line: Batch[] = [];
  #begun = 0;
  #calls = 0;
  #isDue = false;

  /** `replicas`: of the connection of these scripts, where submits wait for them. */
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
    const last = this.#line.at(-1);
    if (last && last.jobs.length < BATCH && last.bytes <= BATCH_BYTES) return last;
    this.#begun += 1;
    const batch = { n: this.#begun, jobs: [], bytes: 0 };
    this.#line.push(batch);
    return batch;
  }

  // Not at once: what is submitted in this tick, or because a batch was just answered, shares a call.
  #sendSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      while (this.#calls < CALLS_AT_ONCE) {
        const batch = this.#line.shift();
        if (!batch) return;
        this.#calls += 1;
        void this.#send(batch).finally(() => {
          this.#calls -= 1;
          if (this.#line.length > 0) this.#sendSoon();
        });
      }
    });
  }

  async #send({ jobs }: Batch): Promise<void> {
    const newest = this.#begun;
    try {
      const store = () => this.#scripts.submit(jobs.map(({ job }) => job));
      const replies = await (this.#replicas ? this.#replicas.cover(store) : store());
      for (const [i, one] of jobs.entries()) {
        const reply = replies[i];
        if (!reply) one.reject(new TelltaleError("outcome_unknown"));
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

  // Whoever stood in line while a call waited in vain has waited as long: a server that is away is told after two
  // seconds, however many wait. The newest batch of then is spared, because it may have been added to since.
  #refuse(newest: number, error: TelltaleError): void {
    for (let batch = this.#line[0]; batch && batch.n < newest; batch = this.#line[0]) {
      this.#line.shift();
      for (const one of batch.jobs) one.reject(error);
    }
  }
}
