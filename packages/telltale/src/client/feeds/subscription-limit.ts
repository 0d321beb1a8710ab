/** Limits the subscriptions that are open at the same time. Others wait in a queue, first in, first out. */
export class SubscriptionLimit {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  /** Calls `use` asynchronously once there is room. The returned function frees the room or leaves the queue. Safe to call twice. */
  take(use: () => void): () => void {
    let state: "waiting" | "holding" | "left" = "waiting";
    const enter = (): void => {
      this.#free -= 1;
      state = "holding";
      queueMicrotask(() => {
        if (state === "holding") use();
      });
    };
    if (this.#free > 0) enter();
    else this.#waiting.add(enter);
    return () => {
      if (state === "waiting") this.#waiting.delete(enter);
      if (state === "holding") this.#leave();
      state = "left";
    };
  }

  #leave(): void {
    this.#free += 1;
    const [next] = this.#waiting;
    if (!next) return;
    this.#waiting.delete(next);
    next();
  }
}
