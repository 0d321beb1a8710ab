import { hasCode, TelltaleError } from "../../core/index.js";
import { toTelltaleError } from "../redis/redis-error.js";

export interface CoalescerOptions<T, R> {
  /** Sends items in one script call. Resolves with one reply per item, in the same order. */
  readonly send: (items: readonly T[]) => Promise<readonly R[]>;
  /** Returns about how many bytes an item adds to the call. */
  readonly bytesOf: (item: T) => number;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly onSent: (() => void) | undefined;
  resolve(reply: R): void;
  reject(error: TelltaleError): void;
}

interface Batch<T, R> {
  /** The number of the batch. Batches are numbered in the order in which they were created. */
  readonly n: number;
  readonly calls: Waiting<T, R>[];
  bytes: number;
}

const BATCH = 50;
const BATCH_BYTES = 1024 * 1024;
// Enough to keep Redis busy. More calls would only wait in Redis while their five-second timeout runs.
const MAX_CALLS = 4;

/**
 * Combines calls in the same tick into script calls of up to fifty items. Such a call costs little more than one for a single item.
 * A call never waits for company: an item that comes alone is sent alone. Up to four script calls are in flight at a time, and further
 * items wait here, in order.
 */
export class Coalescer<T, R> {
  readonly #options: CoalescerOptions<T, R>;
  readonly #waiting: Batch<T, R>[] = [];
  #batches = 0;
  #calls = 0;
  #isScheduled = false;

  constructor(options: CoalescerOptions<T, R>) {
    this.#options = options;
  }

  /**
   * Resolves with the item's reply. Rejects with a `TelltaleError` if the script call failed. Calls `onSent` once the script call is on
   * its way: commands that are sent from then on reach Redis after it.
   */
  call(item: T, onSent?: () => void): Promise<R> {
    return new Promise((resolve, reject) => {
      const batch = this.#open();
      batch.calls.push({ item, onSent, resolve, reject });
      batch.bytes += this.#options.bytesOf(item);
      this.#sendSoon();
    });
  }

  #open(): Batch<T, R> {
    const last = this.#waiting.at(-1);
    if (last && last.calls.length < BATCH && last.bytes <= BATCH_BYTES) return last;
    this.#batches += 1;
    const batch = { n: this.#batches, calls: [], bytes: 0 };
    this.#waiting.push(batch);
    return batch;
  }

  // Deferred, so that calls in the same tick, or in response to the same reply, share a script call.
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

  async #send({ calls }: Batch<T, R>): Promise<void> {
    const newest = this.#batches;
    try {
      const sending = this.#options.send(calls.map(({ item }) => item));
      for (const { onSent } of calls) onSent?.();
      const replies = await sending;
      for (const [i, call] of calls.entries()) {
        const reply = replies[i];
        if (reply === undefined) call.reject(new TelltaleError("outcome_unknown"));
        else call.resolve(reply);
      }
    } catch (cause) {
      const error = toTelltaleError(cause, { wasSentOnce: false });
      for (const call of calls) call.reject(error);
      if (hasCode(error, "redis_unavailable")) this.#refuse(newest, error);
    }
  }

  // If a call fails because Redis is unavailable, the batches that waited behind it fail too. So every call gets its error after two
  // seconds, however many there are. The newest batch is kept, because items may have been added to it after the call started.
  #refuse(newest: number, error: TelltaleError): void {
    for (let batch = this.#waiting[0]; batch && batch.n < newest; batch = this.#waiting[0]) {
      this.#waiting.shift();
      for (const call of batch.calls) call.reject(error);
    }
  }
}
