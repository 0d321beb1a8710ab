import { TelltaleError } from "@telltale/core";
import type { JobToStore } from "./job-to-store.js";
import type { Lane } from "./lane.js";
import { toTelltaleError } from "./redis-error.js";

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

const BATCH = 50;
const BATCH_BYTES = 1024 * 1024;

/** Collects what is submitted to one queue in one tick into one script call: fifty cost little more than one. */
export class Submitter {
  readonly #lane: Lane;
  #waiting: Waiting[] = [];

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  submit(job: JobToStore): Promise<Submitted> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    let batch: Waiting[] = [];
    let bytes = 0;
    for (const one of waiting) {
      if (batch.length === BATCH || bytes > BATCH_BYTES) {
        void this.#send(batch);
        batch = [];
        bytes = 0;
      }
      batch.push(one);
      bytes += one.job.input.length;
    }
    void this.#send(batch);
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const replies = await this.#lane.submit(batch.map(({ job }) => job));
      for (const [i, one] of batch.entries()) {
        const reply = replies[i];
        if (!reply) one.reject(new TelltaleError("outcome_unknown"));
        else if (reply.length === 3) one.resolve({ id: reply[1], status: reply[2], created: reply[0] === "created" });
        else if (reply.length === 1) one.reject(new TelltaleError(reply[0]));
        else one.reject(new TelltaleError(reply[0], undefined, { data: { id: reply[1] } }));
      }
    } catch (error) {
      for (const one of batch) one.reject(toTelltaleError(error, { wasSentOnce: false }));
    }
  }
}
