import { onAbort } from "../../core/internal.js";
/** The slots for attempts, shared by the claim loops of a worker. Loops that wait for a slot are served in turn. */
export class Slots {
  #free: number;
  /** Slots that are reserved for claims in progress. */
  #reserved = 0;
  readonly #waiting = new Set<() => void>();

  /** The number of all slots. */
  readonly size: number;

  constructor(size: number) {
    this.size = size;
    this.#free = size;
  }

  get free(): number {
    return Math.max(this.#free, 0);
  }

  /** Slots without an attempt: free ones, and those reserved by a claim that may return no jobs. */
  get open(): number {
    return Math.max(this.#free + this.#reserved, 0);
  }

  /** Waits for free slots and reserves up to `most` of them for a claim. Returns their number, or 0 once the signal aborts. */
  async take(signal: AbortSignal, most = Number.POSITIVE_INFINITY): Promise<number> {
    while (this.free === 0 && !signal.aborted) await this.#turn(signal);
    return signal.aborted ? 0 : this.takeUpTo(most);
  }

  /** Reserves the slots that are free now for a claim, at most `most`, and returns their number. */
  takeUpTo(most: number): number {
    const taken = Math.min(most, this.free);
    this.#free -= taken;
    this.#reserved += taken;
    return taken;
  }

  /**
   * Ends a claim: `taken` slots are no longer reserved, and `used` of them now run attempts. `used` can exceed `taken`
   * if a repeated claim returned jobs whose slots were given away in the meantime.
   */
  use(used: number, taken: number): void {
    this.#reserved -= taken;
    this.give(taken - used);
  }

  /** Frees used slots. */
  give(slots: number): void {
    this.#free += slots;
    const [next] = this.#waiting;
    if (this.#free > 0) next?.();
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        forget();
        resolve();
      };
      this.#waiting.add(wake);
      const forget = onAbort(signal, wake);
    });
  }
}
