/** Room for attempts, shared by the claim loops of a worker. Those who wait for room get it in turn. */
export class Slots {
  #free: number;
  /** Taken for claims that are under way. */
  #reserved = 0;
  readonly #waiting = new Set<() => void>();

  constructor(size: number) {
    this.#free = size;
  }

  get free(): number {
    return Math.max(this.#free, 0);
  }

  /** What runs nothing: it is free, or held by a claim that may bring nothing. */
  get open(): number {
    return Math.max(this.#free + this.#reserved, 0);
  }

  /** Waits until there is room and takes all of it for a claim; 0 once the signal aborts. */
  async take(signal: AbortSignal): Promise<number> {
    while (this.free === 0 && !signal.aborted) await this.#turn(signal);
    return signal.aborted ? 0 : this.takeUpTo(this.free);
  }

  /** Takes what room there is now for a claim, at most `most`. */
  takeUpTo(most: number): number {
    const taken = Math.min(most, this.free);
    this.#free -= taken;
    this.#reserved += taken;
    return taken;
  }

  /** A claim is over: of the room it had taken so much is used from now on. May be more than it had, where the answer to a
   * repeated one brought jobs whose room was given away meanwhile. */
  use(used: number, taken: number): void {
    this.#reserved -= taken;
    this.give(taken - used);
  }

  /** Gives back what was used. */
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
