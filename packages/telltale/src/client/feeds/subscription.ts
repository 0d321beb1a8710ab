import { ERROR_CODES, TelltaleError } from "../../core/index.js";
import { backoffMs, ReconnectBackoff } from "../backoff.js";
import type { ConnectionState } from "../job-client.js";
import { LOST } from "../lost.js";
import type { FrameObserver, Unsubscribable } from "../procedures.js";
import { toTelltaleError } from "../to-telltale-error.js";
import type { Wake } from "../transport/wake.js";
import type { Place, SubscriptionLimit } from "./subscription-limit.js";

/** How long to wait, after an event that ends a round, for the server to complete the subscription. */
const END_GRACE_MS = 5_000;
/** After a subscription was open this long, the next failure starts the backoff from the beginning. */
const HEALTHY_MS = 10_000;

/** `stale`: not newer than the last frame. `final`: new, and ends a round, so it may be the last one. */
export type FrameMeaning = "stale" | "new" | "final";

/** The options of `Subscription`. */
export interface SubscriptionOptions {
  /** The position after which to continue, or undefined to start from the beginning. */
  readonly after: string | undefined;
  readonly open: (after: string | undefined, observer: FrameObserver) => Unsubscribable;
  /** Takes a frame. The subscription ends with the error that it throws, if the frame is malformed. */
  readonly take: (frame: unknown) => { readonly meaning: FrameMeaning; readonly position: string };
  /** Called once, but not after `stop`. The error is null if the feed ended normally. */
  readonly onEnd: (error: TelltaleError | null) => void;
  readonly onConnection: ((state: ConnectionState) => void) | undefined;
  /** Too many subscriptions take turns, instead of being refused by the server or keeping the page from making calls. */
  readonly limit: SubscriptionLimit;
  /** Ends a pause after a failure. */
  readonly wake: Wake;
}

/**
 * One feed of one job, kept open across errors. tRPC resumes after a lost socket, but gives up after an error in the middle of a
 * stream. If the code of that error allows a retry, this class opens the stream again after the last position.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  #after: string | undefined;
  #opened: Unsubscribable | null = null;
  #place: Place | null = null;
  /** Incremented at every unsubscribe, so that late callbacks of the previous subscription are ignored. */
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #removeWakeListener: () => void = () => {};
  #failures = 0;
  readonly #backoff = new ReconnectBackoff();
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
    this.#again();
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
    this.#place = this.#options.limit.take({
      onPlace: () => {
        // A watch that takes turns stays "waiting" until it is live again.
        if (this.#state !== "waiting") this.#reportTry();
        this.#open();
      },
      onWait: () => this.#report("waiting"),
      onTurnOver: () => this.#again(),
    });
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
    // A link may call back before it returns, and so have ended this subscription already.
    if (generation === this.#generation) this.#opened = opened;
    else opened?.unsubscribe();
  }

  #tryOpen(observer: FrameObserver): Unsubscribable | null {
    try {
      return this.#options.open(this.#after, observer);
    } catch (cause) {
      const error = toTelltaleError(cause);
      // Nothing was sent yet, so the outcome is known: a link that throws synchronously does not support subscriptions.
      const isUnsupported = error.code === "outcome_unknown";
      this.#end(
        isUnsupported
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
    // A final event may not be the last one: the feed of a job that was rerun contains the ends of earlier rounds. The server
    // completes the subscription at the end. If that message is lost, the feed ends after the grace period.
    this.#newest = taken.meaning;
    if (this.#newest === "final") this.#timer = setTimeout(() => this.#end(null), END_GRACE_MS);
  }

  #live(): void {
    if (this.#state === "live") return;
    this.#place?.live();
    this.#liveSince = performance.now();
    this.#report("live");
  }

  #lost(): void {
    if (this.#newest === "final") this.#end(null);
    else this.#reportTry();
  }

  #failed(error: TelltaleError): void {
    if (this.#newest === "final") this.#end(null);
    else if (ERROR_CODES[error.code].retry) this.#openLater(LOST.has(error.code));
    else this.#end(error);
  }

  #openLater(isLost: boolean): void {
    const liveMs = this.#state === "live" ? performance.now() - (this.#liveSince ?? 0) : 0;
    if (liveMs > HEALTHY_MS) this.#failures = 0;
    if (isLost && this.#state === "live" && this.#failures === 0) this.#backoff.lost();
    this.#leave();
    const delayMs = isLost && this.#failures > 0 ? this.#backoff.nextMs() : backoffMs(this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#again(), delayMs);
    this.#removeWakeListener = this.#options.wake.on(() => this.#again());
    this.#reportTry();
  }

  // Nothing is lost, because it continues after the last position.
  #again(): void {
    this.#leave();
    this.#enter();
  }

  #reportTry(): void {
    this.#report(this.#liveSince === null ? "connecting" : "reconnecting");
  }

  #end(error: TelltaleError | null): void {
    this.stop();
    this.#options.onEnd(error);
  }

  #leave(): void {
    this.#generation++;
    clearTimeout(this.#timer);
    this.#removeWakeListener();
    this.#opened?.unsubscribe();
    this.#opened = null;
    this.#place?.leave();
    this.#place = null;
  }

  #report(state: ConnectionState): void {
    if (this.#state === state || this.#state === "closed") return;
    this.#state = state;
    try {
      this.#options.onConnection?.(state);
    } catch (error) {
      // A failing listener must not end the feed. Its error becomes an uncaught one, as with event listeners.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
