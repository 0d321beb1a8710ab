import { hasCode, TelltaleError } from "../../core/index.js";
import type { JobToStore } from "../record/job-to-store.js";
import { toTelltaleError } from "../redis/redis-error.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
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
  /** Increases in the order in which batches were started. */
  readonly n: number;
  readonly jobs: Waiting[];
  bytes: number;
}

const BATCH = 50;
const BATCH_BYTES = 1024 * 1024;
// Enough to keep Redis busy. More calls would wait in Redis while their timeout of five seconds is running.
const CALLS_AT_ONCE = 4;

/**
 * Collects the submits to one queue in one tick into script calls of up to fifty jobs, which cost little more than one. Keeps up to
 * four calls in flight. Further submits wait here, in order.
 */
export class Submitter {
  readonly #scripts: QueueScripts;
  readonly #replicas: ReplicaWait | null;
  readonly #line: Batch[] = [];
  #begun = 0;
  #calls = 0;
  #isDue = false;

  /** `replicas` belongs to the connection of these scripts. Null if submits do not wait for replicas. */
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

  // Deferred, so that submits of the same tick, or in reaction to the same reply, share a call.
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

  // Submits that waited while the call waited in vain are refused too, so that all get the error after two seconds,
  // however many there are. The newest batch is kept, because later submits may have been added to it.
  #refuse(newest: number, error: TelltaleError): void {
    for (let batch = this.#line[0]; batch && batch.n < newest; batch = this.#line[0]) {
      this.#line.shift();
      for (const one of batch.jobs) one.reject(error);
    }
  }
}
