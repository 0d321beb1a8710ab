import { ERROR_CODES, TelltaleError } from "../../core/index.js";
import { backoffMs } from "../backoff.js";
import type { ConnectionState } from "../job-client.js";
import type { FrameObserver, Unsubscribable } from "../procedures.js";
import { toTelltaleError } from "../to-telltale-error.js";
import type { SubscriptionLimit } from "./subscription-limit.js";

/** How long the server may take to confirm that nothing follows an event that ended a round. */
const END_GRACE_MS = 5_000;
/** A subscription that was open this long was healthy. The next failure starts the backoff from the beginning. */
const HEALTHY_MS = 10_000;

/** Whether a frame was seen before, is new, or is new and possibly the last one. */
export type FrameMeaning = "stale" | "new" | "final";

/** The options of `Subscription`. */
export interface SubscriptionOptions {
  /** The position after which to continue; undefined for the beginning. */
  readonly after: string | undefined;
  readonly open: (after: string | undefined, observer: FrameObserver) => Unsubscribable;
  /** Takes a frame. If it throws because the frame cannot be read, the subscription ends. */
  readonly take: (frame: unknown) => { readonly meaning: FrameMeaning; readonly position: string };
  /** Called once, unless stopped before. The error is null at the end of the feed. */
  readonly onEnd: (error: TelltaleError | null) => void;
  readonly onConnection: ((state: ConnectionState) => void) | undefined;
  /** A connection has a limited number of subscriptions. Others wait here instead of being refused. */
  readonly limit: SubscriptionLimit;
}

/**
 * One feed of one job, kept open across errors. tRPC resumes after a lost socket, but gives up after an error in the middle of a
 * stream. This class opens the stream again after the last position, if the code of the error says that a retry makes sense.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  #after: string | undefined;
  #opened: Unsubscribable | null = null;
  #leaveLimit: (() => void) | null = null;
  /** Increases whenever a subscription is left, so that its late reports are ignored. */
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

  /** Opens the subscription, also after `pause`. */
  start(): void {
    if (this.#state === "closed") return;
    this.#leave();
    this.#report(this.#liveSince === null ? "connecting" : "reconnecting");
    this.#enter();
  }

  /** Unsubscribes until `start`, which continues after the last position. Nothing is lost. */
  pause(): void {
    this.#leave();
  }

  /** Ends the subscription. Safe before `start`, and safe to call twice. */
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
    // A link may report the end before it returns, during the call.
    if (generation === this.#generation) this.#opened = opened;
    else opened?.unsubscribe();
  }

  #tryOpen(observer: FrameObserver): Unsubscribable | null {
    try {
      return this.#options.open(this.#after, observer);
    } catch (cause) {
      const error = toTelltaleError(cause);
      // Nothing was sent yet. A link that throws in the call itself cannot carry subscriptions at all.
      const isRefusal = error.code === "outcome_unknown";
      this.#end(
        isRefusal
          ? new TelltaleError(
              "invalid_config",
              "The tRPC client cannot subscribe. Give it a wsLink or an httpSubscriptionLink",
              { cause },
            )
          : error,
      );
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
    // This may not be the end: the feed of a job that was rerun contains the ends of earlier rounds. The server completes
    // the subscription at the real end. If it does not within the grace period, the final event was the last one.
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
      // An error of a listener must not end the feed. It is reported like that of an event listener.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
