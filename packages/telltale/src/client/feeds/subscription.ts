import { ERROR_CODES, TelltaleError } from "../../core/index.js";
import { backoffMs } from "../backoff.js";
import type { ConnectionState } from "../job-client.js";
import type { FrameObserver, Unsubscribable } from "../procedures.js";
import { toTelltaleError } from "../to-telltale-error.js";
import type { SubscriptionLimit } from "./subscription-limit.js";

/** How long the server may take to say that nothing follows an event that ended a round. */
const END_GRACE_MS = 5_000;
/** A subscription that lived this long was healthy: the next failure starts the backoff anew. */
const HEALTHY_MS = 10_000;

/** What a frame meant to its feed: seen before, something new, or new and possibly the last. */
export type FrameMeaning = "stale" | "new" | "final";

/** What a `Subscription` is made of. */
export interface SubscriptionOptions {
  /** Where the watcher goes on; undefined for the beginning. */
  readonly after: string | undefined;
  readonly open: (after: string | undefined, observer: FrameObserver) => Unsubscribable;
  /** Takes a frame. Throws for one that cannot be read, which ends the subscription. */
  readonly take: (frame: unknown) => { readonly meaning: FrameMeaning; readonly position: string };
  /** Called once, unless stopped before: null at the feed's end. */
  readonly onEnd: (error: TelltaleError | null) => void;
  readonly onConnection: ((state: ConnectionState) => void) | undefined;
  /** A connection holds a bounded number of subscriptions; the others wait here rather than be refused. */
  readonly limit: SubscriptionLimit;
}

/**
 * One feed of one job, kept open across errors. tRPC resumes a lost socket by itself but gives up at an error in
 * mid-stream; this opens it again after the last position, as long as the error's code says that it makes sense.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  #after: string | undefined;
  #opened: Unsubscribable | null = null;
  #leaveLimit: (() => void) | null = null;
  /** Rises whenever an opened subscription is left, so that whatever it still reports goes unheard. */
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #liveSince: number | null = null;
  #newest: FrameMeaning = "stale";
  #state: ConnectionState | null = null;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#after = options.after;
  }

  /** Opens it, also again after `pause`. */
  start(): void {
    if (this.#state === "closed") return;
    this.#leave();
    this.#report(this.#liveSince === null ? "connecting" : "reconnecting");
    this.#enter();
  }

  /** Leaves the server until `start`; nothing is lost, because it goes on after the last position. */
  pause(): void {
    this.#leave();
  }

  /** Ends it for good. Safe before start and twice. */
  stop(): void {
    this.#leave();
    this.#report("closed");
  }

  #enter(): void {
    this.#leaveLimit = this.#options.limit.take(() => this.#open());
  }

  #open(): void {
    const generation = ++this.#generation;
    const whenCurrent =
      <A extends readonly unknown[]>(listener: (...args: A) => void) =>
      (...args: A): void => {
        if (generation === this.#generation) listener(...args);
      };
    const opened = this.#tryOpen({
      onStarted: whenCurrent(() => this.#live()),
      onData: whenCurrent((frame) => this.#frame(frame)),
      onError: whenCurrent((error) => this.#failed(toTelltaleError(error))),
      onComplete: whenCurrent(() => this.#end(null)),
      onConnectionStateChange: whenCurrent(({ state }) => {
        if (state === "connecting") this.#lost();
      }),
    });
    // It can be over before it was returned: a link may report in the very call.
    if (generation === this.#generation) this.#opened = opened;
    else opened?.unsubscribe();
  }

  #tryOpen(observer: FrameObserver): Unsubscribable | null {
    try {
      return this.#options.open(this.#after, observer);
    } catch (cause) {
      const error = toTelltaleError(cause);
      // Nothing was sent yet: a link refuses in the call itself only what it cannot carry at all.
      const isRefusal = error.code === "outcome_unknown";
      this.#end(isRefusal ? new TelltaleError("invalid_config", "The tRPC client cannot subscribe", { cause }) : error);
      return null;
    }
  }

  #frame(frame: unknown): void {
    this.#live();
    let taken: ReturnType<SubscriptionOptions["take"]>;
    try {
      taken = this.#options.take(frame);
    } catch (error) {
      this.#end(toTelltaleError(error));
      return;
    }
    if (taken.meaning === "stale") return;
    this.#after = taken.position;
    this.#failures = 0;
    clearTimeout(this.#timer);
    // Not the end yet: a job that was run again has the ends of its earlier rounds in its feed. The server knows and
    // completes; where that word does not come, the final event was the last one.
    this.#newest = taken.meaning;
    if (this.#newest === "final") this.#timer = setTimeout(() => this.#end(null), END_GRACE_MS);
  }

  #live(): void {
    if (this.#state === "live") return;
    this.#liveSince = performance.now();
    this.#report("live");
  }

  #lost(): void {
    if (this.#newest === "final") this.#end(null);
    else this.#report(this.#liveSince === null ? "connecting" : "reconnecting");
  }

  #failed(error: TelltaleError): void {
    if (this.#newest === "final") this.#end(null);
    else if (ERROR_CODES[error.code].retry) this.#openLater();
    else this.#end(error);
  }

  #openLater(): void {
    const liveMs = this.#state === "live" ? performance.now() - (this.#liveSince ?? 0) : 0;
    if (liveMs > HEALTHY_MS) this.#failures = 0;
    this.#leave();
    this.#timer = setTimeout(() => this.#enter(), backoffMs(this.#failures++));
    this.#report(this.#liveSince === null ? "connecting" : "reconnecting");
  }

  #end(error: TelltaleError | null): void {
    this.stop();
    this.#options.onEnd(error);
  }

  #leave(): void {
    this.#generation++;
    clearTimeout(this.#timer);
    this.#opened?.unsubscribe();
    this.#opened = null;
    this.#leaveLimit?.();
    this.#leaveLimit = null;
  }

  #report(state: ConnectionState): void {
    if (this.#state === state || this.#state === "closed") return;
    this.#state = state;
    try {
      this.#options.onConnection?.(state);
    } catch (error) {
      // A listener's fault is not the feed's: it surfaces where an event listener's would.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
