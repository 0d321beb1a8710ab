/** Limits how many subscriptions are open at the same time. Further ones wait, first in, first out. */
export class SubscriptionLimit {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  /** Calls `use` asynchronously once a slot is free. The returned function frees the slot, or stops waiting. Safe to call twice. */
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
