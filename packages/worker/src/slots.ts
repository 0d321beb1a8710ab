/** Room for attempts, shared by the claim loops of a worker. Those who wait for room get it in turn. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(size: number) {
    this.#free = size;
  }

  get free(): number {
    return Math.max(this.#free, 0);
  }

  /** Waits until there is room and takes all of it; 0 once the signal aborts. */
  async take(signal: AbortSignal): Promise<number> {
    while (this.free === 0 && !signal.aborted) await this.#turn(signal);
    return signal.aborted ? 0 : this.takeUpTo(this.free);
  }

  /** Takes what room there is now, at most `most`. */
  takeUpTo(most: number): number {
    const taken = Math.min(most, this.free);
    this.#free -= taken;
    return taken;
  }

  /** A negative number takes more than there is: a repeated claim may bring jobs whose room was given away meanwhile. */
  give(slots: number): void {
    this.#free += slots;
    const [next] = this.#waiting;
    if (this.#free > 0) next?.();
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
