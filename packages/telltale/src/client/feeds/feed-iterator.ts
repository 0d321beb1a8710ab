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
  /** Whether to pause the subscription until the box is empty. */
  readonly isFull: boolean;
  push(positioned: Positioned<T>): void;
  shift(): Positioned<T> | undefined;
  clear(): void;
}

/** The options of `FeedIterator`. */
export interface FeedIteratorOptions<T extends object> extends Omit<SubscriptionOptions, "take" | "onEnd"> {
  readonly box: Box<T>;
  /** Reads a frame. Returns null for one that was seen before. */
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

/** Iterates over a feed. Subscribes at the first `next`, and unsubscribes when the loop ends for any reason. */
export class FeedIterator<T extends object> implements JobFeed<T> {
  readonly #options: FeedIteratorOptions<T>;
  readonly #subscription: Subscription;
  readonly #waiting: Waiting<T>[] = [];
  #position: string | undefined;
  #phase: "new" | "open" | "paused" | "over" = "new";
  /** Why the feed ended early. Thrown once, after everything that arrived before was read. */
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
    });
  }

  get position(): string | undefined {
    return this.#position;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#phase === "new") this.#start();
    const positioned = this.#options.box.shift();
    if (positioned !== undefined) return Promise.resolve(this.#given(positioned));
    if (this.#phase === "over") return this.#last();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#phase === "paused") {
        this.#phase = "open";
        this.#subscription.start();
      }
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#quit();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #quit = (): void => {
    this.#options.box.clear();
    this.#finish(null);
  };

  #forget: () => void = () => {};
  readonly #close = (): void => this.#finish(new TelltaleError("closed", "The client was closed"));

  #start(): void {
    const { signal, closing } = this.#options;
    if (signal?.aborted) this.#quit();
    else if (closing.isClosed) this.#close();
    else this.#open(signal, closing);
  }

  #open(signal: AbortSignal | undefined, closing: Closing): void {
    this.#forget = onAbort(signal, this.#quit);
    closing.on(this.#close);
    this.#phase = "open";
    this.#subscription.start();
  }

  #take(frame: unknown): ReturnType<SubscriptionOptions["take"]> {
    const read = this.#options.read(frame);
    if (!read) return { meaning: "stale", position: "" };
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(this.#given(read));
    else this.#hold(read);
    return { meaning: read.isFinal ? "final" : "new", position: read.position };
  }

  #given({ item, position }: Positioned<T>): IteratorResult<T> {
    this.#position = position;
    return { done: false, value: item };
  }

  #hold(positioned: Positioned<T>): void {
    const { box } = this.#options;
    box.push(positioned);
    if (!box.isFull) return;
    this.#phase = "paused";
    // After the frame was taken, because the subscription continues at its position.
    queueMicrotask(() => {
      if (this.#phase === "paused") this.#subscription.pause();
    });
  }

  #last(): Promise<IteratorResult<T>> {
    const error = this.#error;
    this.#error = null;
    return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
  }

  #finish(error: TelltaleError | null): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#error = error;
    this.#forget();
    this.#options.closing.off(this.#close);
    this.#subscription.stop();
    for (const { resolve, reject } of this.#waiting.splice(0)) this.#last().then(resolve, reject);
  }
}
