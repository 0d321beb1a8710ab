import type { LiveEvent } from "../contenders/live-calls.js";
import { nowMs } from "../measure/now.js";
import { Latencies } from "../measure/percentile.js";
import type { Delivered } from "./calls.js";

/** Keeps account of what all watchers of a process receive. */
export class Delivery {
  readonly #last: number[] = [];
  #latencies = new Latencies();
  #deliveries = 0;
  #outOfOrder = 0;
  #skipped = 0;

  /** Adds a watcher. Returns what it calls with each event. */
  watcher(): (event: LiveEvent) => void {
    const watcher = this.#last.push(-1) - 1;
    return ({ n, at }) => {
      this.#latencies.record(nowMs() - at);
      this.#deliveries++;
      const last = this.#last[watcher] ?? -1;
      if (n <= last) this.#outOfOrder++;
      // A watcher may come when events were published already.
      else if (n > last + 1 && last >= 0) this.#skipped += n - last - 1;
      this.#last[watcher] = n;
    };
  }

  reset(): void {
    this.#latencies = new Latencies();
    this.#deliveries = 0;
    this.#outOfOrder = 0;
    this.#skipped = 0;
  }

  get report(): Delivered {
    return {
      deliveries: this.#deliveries,
      outOfOrder: this.#outOfOrder,
      skipped: this.#skipped,
      lastOfAll: Math.min(...this.#last),
      latency: this.#latencies.percentiles,
    };
  }
}
