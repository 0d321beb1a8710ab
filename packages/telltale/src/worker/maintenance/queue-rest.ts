/** How long what a claim found holds, ms. A worker without free slots claims nothing, and must look after its queues all the same. */
const HOLDS_MS = 5_000;

/**
 * Whether a queue is deserted, as the latest claim found it. Then its worker rests: it claims every few seconds, and skips the upkeep.
 * A new job or schedule wakes the worker, and the claim that follows ends the rest.
 */
export class QueueRest {
  #until = 0;

  get isResting(): boolean {
    return performance.now() < this.#until;
  }

  /** Takes note of what a claim found. */
  found(deserted: boolean): void {
    this.#until = deserted ? performance.now() + HOLDS_MS : 0;
  }
}
