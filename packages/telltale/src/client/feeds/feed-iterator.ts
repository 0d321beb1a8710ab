import { type JobFeed, TelltaleError } from "../../core/index.js";
import { onAbort } from "../../core/internal.js";
import type { Closing } from "../transport/closing.js";
import { Subscription, type SubscriptionOptions } from "./subscription.js";

/** An item of a feed with its position. */
export interface Positioned<T> {
  readonly item: T;
  readonly position: string;
}

/** Items that the reader has not taken yet. */
interface Box<T> {
  /** If true, the subscription pauses until the reader has emptied the box. */
  readonly isFull: boolean;
  push(positioned: Positioned<T>): void;
  shift(): Positioned<T> | undefined;
  clear(): void;
}

/** The options of `FeedIterator`. */
export interface FeedIteratorOptions<T extends object> extends Omit<SubscriptionOptions, "take" | "onEnd"> {
  readonly box: Box<T>;
  /** Reads a frame. Returns null if it is not newer than the last one. */
  readonly read: (frame: unknown) => (Positioned<T> & { readonly isFinal: boolean }) | null;
  /** Ends the iteration, without an error. */
  readonly signal: AbortSignal | undefined;
  /** Ends the iteration with `closed`. */
  readonly closing: Closing;
}

interface Waiting<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: TelltaleError): void;
}

/** Iterates over a feed. Subscribes at the first `next`, and unsubscribes when the iteration ends, however it ends. */
export class FeedIterator<T extends object> implements JobFeed<T> {
  readonly #options: FeedIteratorOptions<T>;
  readonly #subscription: Subscription;
  readonly #waiting: Waiting<T>[] = [];
  #position: string | undefined;
  #phase: "new" | "open" | "paused" | "over" = "new";
  /** The error that ended the feed. Thrown once, after the items that arrived before it were read. */
  #error: TelltaleError | null = null;

  constructor(options: FeedIteratorOptions<T>) {
    this.#options = options;
    this.#position = options.after;
    this.#subscription = new Subscription({
      after: options.after,
      open: options.open,
      take: (frame) => this.#take(frame),
      onEnd: (error) => this.#finish(error),
      onConnection: options.onConnection,
      limit: options.limit,
      wake: options.wake,
    });
  }

  get position(): string | undefined {
    return this.#position;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#phase === "new") this.#start();
    const positioned = this.#options.box.shift();
    if (positioned !== undefined) return Promise.resolve(this.#deliver(positioned));
    if (this.#phase === "over") return this.#endOfFeed();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#phase === "paused") {
        this.#phase = "open";
        this.#subscription.start();
      }
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #leave = (): void => {
    this.#options.box.clear();
    this.#finish(null);
  };

  #removeAbortListener: () => void = () => {};
  readonly #close = (): void => this.#finish(new TelltaleError("closed", "The client was closed"));

  #start(): void {
    const { signal, closing } = this.#options;
    if (signal?.aborted) this.#leave();
    else if (closing.isClosed) this.#close();
    else this.#open(signal, closing);
  }

  #open(signal: AbortSignal | undefined, closing: Closing): void {
    this.#removeAbortListener = onAbort(signal, this.#leave);
    closing.on(this.#close);
    this.#phase = "open";
    this.#subscription.start();
  }

  #take(frame: unknown): ReturnType<SubscriptionOptions["take"]> {
    const read = this.#options.read(frame);
    if (!read) return { meaning: "stale", position: "" };
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(this.#deliver(read));
    else this.#hold(read);
    return { meaning: read.isFinal ? "final" : "new", position: read.position };
  }

  #deliver({ item, position }: Positioned<T>): IteratorResult<T> {
    this.#position = position;
    return { done: false, value: item };
  }

  #hold(positioned: Positioned<T>): void {
    const { box } = this.#options;
    box.push(positioned);
    if (!box.isFull) return;
    this.#phase = "paused";
    // Not yet: the subscription has to record this frame's position first, because it will resume there.
    queueMicrotask(() => {
      if (this.#phase === "paused") this.#subscription.pause();
    });
  }

  #endOfFeed(): Promise<IteratorResult<T>> {
    const error = this.#error;
    this.#error = null;
    return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
  }

  #finish(error: TelltaleError | null): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#error = error;
    this.#removeAbortListener();
    this.#options.closing.off(this.#close);
    this.#subscription.stop();
    for (const { resolve, reject } of this.#waiting.splice(0)) this.#endOfFeed().then(resolve, reject);
  }
}
