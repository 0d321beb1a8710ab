/** How long a subscription keeps its place when others wait for one, from the moment that it is live. */
const TURN_MS = 3_000;
/** How long it keeps a place on which it does not become live. */
const CONNECT_MS = 15_000;

/** A subscription that needs a place. */
export interface Seeker {
  /** It has a place. Called asynchronously. */
  readonly onPlace: () => void;
  /** There is no place yet. Called at once. */
  readonly onWait: () => void;
  /** Others have waited for its place long enough. It should leave, and may ask for a place again. */
  readonly onTurnOver: () => void;
}

/** A subscription's place, or its position in the queue for one. */
export interface Place {
  /** Records that the subscription is live, so that its turn begins. Only the first call has an effect. */
  readonly live: () => void;
  /** Gives the place back, or stops waiting for one. Safe to call twice. */
  readonly leave: () => void;
}

interface Holder extends Seeker {
  isLive: boolean;
  /** When its turn is over, if others wait. */
  until: number;
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
    this.#schedule();
  }

  /** Asks for a place. */
  take(seeker: Seeker): Place {
    const holder = { ...seeker, isLive: false, until: 0 };
    if (this.#holding.size < this.#most) this.#hold(holder);
    else {
      this.#waiting.add(holder);
      seeker.onWait();
      this.#schedule();
    }
    return {
      live: () => {
        if (holder.isLive) return;
        holder.isLive = true;
        holder.until = performance.now() + TURN_MS;
        this.#schedule();
      },
      leave: () => {
        this.#waiting.delete(holder);
        if (this.#holding.delete(holder)) this.#fill();
        this.#schedule();
      },
    };
  }

  #hold(holder: Holder): void {
    holder.until = performance.now() + CONNECT_MS;
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
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) return;
    const next = [...this.#holding].reduce((one, other) => (other.until < one.until ? other : one));
    // Not all at the same time, because each of them has to connect again.
    const at = Math.max(next.until, this.#turnOverAt + TURN_MS / this.#most);
    this.#timer = setTimeout(() => {
      this.#turnOverAt = performance.now();
      next.onTurnOver();
      this.#schedule();
    }, at - performance.now());
  }
}
