import { createHash } from "node:crypto";
import { onAbort } from "../../core/internal.js";
import { firstLine } from "../redis/redis-error.js";
import { Wake } from "./wake.js";

/** What was read, with the tracked id after which a watch can resume. */
export interface PolledUpdate<T> {
  readonly position: string;
  readonly items: T[];
}

/** The options of a watch of what is polled. */
export interface PolledWatchOptions {
  /** The tracked id of the last update that was received. It is not sent again if nothing has changed. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Watcher {
  readonly names: readonly string[];
  readonly wake: Wake;
  isOver: boolean;
}

const EVERY_MS = 1_000;

/**
 * Watches things that are polled, such as the statistics of queues, for a whole process. Each watched thing is read about once a second,
 * regardless of the number of watchers. Watchers only get changes, at most once a second. A slow watcher skips intermediate ones.
 */
export class PolledWatch<T extends Readonly<{ at: number }>> {
  readonly #read: (name: string) => Promise<T>;
  readonly #shown: (item: T) => unknown;
  readonly #onFailure: (name: string, error: string) => void;
  readonly #everyMs: number;
  readonly #watchers = new Set<Watcher>();
  readonly #latest = new Map<string, T>();
  #timer: NodeJS.Timeout | null = null;
  #isPolling = false;
  #isClosed = false;

  constructor(
    options: Readonly<{
      read: (name: string) => Promise<T>;
      /** Returns the part of an item whose changes are sent. */
      shown: (item: T) => unknown;
      /** Called for each read that failed. The next poll reads again. */
      onFailure: (name: string, error: string) => void;
      /** @default 1000 */
      everyMs?: number | undefined;
    }>,
  ) {
    this.#read = options.read;
    this.#shown = options.shown;
    this.#onFailure = options.onFailure;
    this.#everyMs = options.everyMs ?? EVERY_MS;
  }

  /** The number of open watches. While it is 0, nothing is read. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Yields the things with these names: the current ones first, then again after changes. Ends when the signal aborts. */
  async *watch(
    names: readonly string[],
    { after, signal }: PolledWatchOptions = {},
  ): AsyncGenerator<PolledUpdate<T>, void, undefined> {
    if (signal?.aborted || this.#isClosed) return;
    const watcher: Watcher = { names, wake: new Wake(), isOver: false };
    const stop = (): void => end(watcher);
    const forget = onAbort(signal, stop);
    this.#watchers.add(watcher);
    watcher.wake.call();
    this.#start();
    let sent = after?.split(".")[1];
    let sentAt = Number.NEGATIVE_INFINITY;
    try {
      for (;;) {
        await watcher.wake.wait();
        if (watcher.isOver) return;
        const items = names.flatMap((name) => this.#latest.get(name) ?? []);
        const digest = digestOf(items.map(this.#shown));
        // Changes that are skipped here are sent after the next read.
        if (items.length < names.length || digest === sent || performance.now() - sentAt < this.#everyMs) continue;
        sent = digest;
        sentAt = performance.now();
        yield { position: `${Math.max(0, ...items.map(({ at }) => at)).toString(36)}.${digest}`, items };
      }
    } finally {
      forget();
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#pause();
    }
  }

  /** Ends all watches. Safe to call twice. */
  close(): void {
    this.#isClosed = true;
    for (const watcher of this.#watchers) end(watcher);
    this.#pause();
  }

  #start(): void {
    if (this.#timer === null && !this.#isPolling) void this.#poll();
  }

  #pause(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#latest.clear();
  }

  async #poll(): Promise<void> {
    this.#timer = null;
    this.#isPolling = true;
    const names = new Set([...this.#watchers].flatMap((watcher) => watcher.names));
    await Promise.all([...names].map((name) => this.#readOne(name)));
    this.#isPolling = false;
    if (this.#watchers.size === 0 || this.#isClosed) {
      this.#pause();
      return;
    }
    for (const { wake } of this.#watchers) wake.call();
    // A little longer than the period. Otherwise the period since a watcher's last update would not be over at the next read.
    this.#timer = setTimeout(() => void this.#poll(), this.#everyMs * (1.05 + Math.random() * 0.1));
    this.#timer.unref();
  }

  // Never rejects. The next poll reads it again.
  async #readOne(name: string): Promise<void> {
    try {
      this.#latest.set(name, await this.#read(name));
    } catch (error) {
      this.#onFailure(name, firstLine(error));
    }
  }
}

function end(watcher: Watcher): void {
  watcher.isOver = true;
  watcher.wake.call();
}

function digestOf(shown: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(shown)).digest("base64url").slice(0, 16);
}
