/** How long a subscription keeps its place when others wait for one. */
const TURN_MS = 3_000;

/** A subscription that needs a place. */
export interface Seeker {
  /** It has a place. Called asynchronously. */
  readonly onPlace: () => void;
  /** There is no place yet. Called at once. */
  readonly onWait: () => void;
  /** Others have waited for its place long enough. It should leave, and may ask for a place again. */
  readonly onTurnOver: () => void;
}

interface Holder extends Seeker {
  since: number;
}

/**
 * Limits how many subscriptions are open at the same time. Further ones wait, first in, first out. While some wait, the others give
 * up their places one after the other, so that all take turns: a job that runs for hours does not keep a watch of another job waiting.
 */
export class SubscriptionLimit {
  #most: number;
  readonly #waiting = new Set<Holder>();
  /** In the order in which they got their places. */
  readonly #holding = new Set<Holder>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turnOverAt = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Changes the limit. Subscriptions above a lower one have to leave. */
  set most(most: number) {
    this.#most = most;
    for (const holder of [...this.#holding].slice(most)) holder.onTurnOver();
    this.#fill();
  }

  /** Asks for a place. The returned function gives it back, or stops waiting. Safe to call twice. */
  take(seeker: Seeker): () => void {
    const holder = { ...seeker, since: 0 };
    if (this.#holding.size < this.#most) this.#hold(holder);
    else {
      this.#waiting.add(holder);
      seeker.onWait();
      this.#schedule();
    }
    return () => {
      this.#waiting.delete(holder);
      if (this.#holding.delete(holder)) this.#fill();
      if (this.#waiting.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  #hold(holder: Holder): void {
    holder.since = performance.now();
    this.#holding.add(holder);
    queueMicrotask(() => {
      if (this.#holding.has(holder)) holder.onPlace();
    });
  }

  #fill(): void {
    for (const next of this.#waiting) {
      if (this.#holding.size >= this.#most) return;
      this.#waiting.delete(next);
      this.#hold(next);
    }
  }

  #schedule(): void {
    const [oldest] = this.#holding;
    if (!oldest || this.#waiting.size === 0 || this.#timer !== undefined) return;
    // Not all at the same time, because each of them has to connect again.
    const at = Math.max(oldest.since + TURN_MS, this.#turnOverAt + TURN_MS / this.#most);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#endTurn();
      this.#schedule();
    }, at - performance.now());
  }

  #endTurn(): void {
    const [oldest] = this.#holding;
    if (!oldest || this.#waiting.size === 0) return;
    const now = performance.now();
    // The one whose turn it was when the timer was set may have left.
    if (now < oldest.since + TURN_MS) return;
    this.#turnOverAt = now;
    oldest.onTurnOver();
  }
}
