/** How many subscriptions may be open at the same time. Others wait in line, first come first served. */
export class SubscriptionLimit {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  /** Runs `use` on a later turn, once there is room. The returned function makes room again, or leaves the line; twice is once. */
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
