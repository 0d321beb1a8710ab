import { createHash } from "node:crypto";
import type { Logger, QueueStats } from "../../core/index.js";
import { onAbort } from "../../core/internal.js";
import { firstLine } from "../redis/redis-error.js";
import { Wake } from "./wake.js";

/** The statistics of queues, with the tracked id after which a watch can resume. */
export interface StatsUpdate {
  readonly position: string;
  readonly stats: QueueStats[];
}

/** The options of a watch of queues. */
export interface StatsWatchOptions {
  /** The tracked id of the last statistics that were received. They are not sent again if nothing has changed. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Watcher {
  readonly queues: readonly string[];
  readonly wake: Wake;
  isOver: boolean;
}

const EVERY_MS = 1_000;

/**
 * Watches the statistics of queues for a whole process. Each watched queue is read about once a second, regardless of the number of
 * watchers. Watchers only get changes, at most once a second. A slow watcher skips intermediate ones.
 */
export class StatsWatch {
  readonly #read: (queue: string) => Promise<QueueStats>;
  readonly #logger: Logger;
  readonly #everyMs: number;
  readonly #watchers = new Set<Watcher>();
  readonly #latest = new Map<string, QueueStats>();
  #timer: NodeJS.Timeout | null = null;
  #isPolling = false;
  #isClosed = false;

  constructor(
    options: Readonly<{
      read: (queue: string) => Promise<QueueStats>;
      logger: Logger;
      /** @default 1000 */
      everyMs?: number | undefined;
    }>,
  ) {
    this.#read = options.read;
    this.#logger = options.logger;
    this.#everyMs = options.everyMs ?? EVERY_MS;
  }

  /** The number of open watches. While it is 0, no queue is read. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Yields the statistics of these queues: the current ones first, then again after changes. Ends when the signal aborts. */
  async *watch(
    queues: readonly string[],
    { after, signal }: StatsWatchOptions = {},
  ): AsyncGenerator<StatsUpdate, void, undefined> {
    if (signal?.aborted || this.#isClosed) return;
    const watcher: Watcher = { queues, wake: new Wake(), isOver: false };
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
        const stats = queues.flatMap((queue) => this.#latest.get(queue) ?? []);
        const digest = digestOf(stats);
        // Changes that are skipped here are sent after the next read.
        if (stats.length < queues.length || digest === sent || performance.now() - sentAt < this.#everyMs) continue;
        sent = digest;
        sentAt = performance.now();
        yield { position: `${Math.max(0, ...stats.map(({ at }) => at)).toString(36)}.${digest}`, stats };
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
    const queues = new Set([...this.#watchers].flatMap((watcher) => watcher.queues));
    await Promise.all([...queues].map((queue) => this.#readQueue(queue)));
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

  // Never rejects. The next poll reads the queue again.
  async #readQueue(queue: string): Promise<void> {
    try {
      this.#latest.set(queue, await this.#read(queue));
    } catch (error) {
      this.#logger.warn({ queue, error: firstLine(error) }, "reading the statistics of a queue failed");
    }
  }
}

function end(watcher: Watcher): void {
  watcher.isOver = true;
  watcher.wake.call();
}

function digestOf(stats: readonly QueueStats[]): string {
  const text = JSON.stringify(stats.map(({ at: _, ...rest }) => rest));
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}
