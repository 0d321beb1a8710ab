import { createHash } from "node:crypto";
import type { Logger, QueueStats } from "../../core/index.js";
import { onAbort } from "../../core/internal.js";
import { firstLine } from "../redis/redis-error.js";
import { Wake } from "./wake.js";

/** The statistics of queues, with the tracked id to resume after. */
export interface StatsUpdate {
  readonly position: string;
  readonly stats: QueueStats[];
}

/** The options of a watch of queues. */
export interface StatsWatchOptions {
  /** The tracked id of the statistics that the watcher has. They are not sent again. */
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
 * Watches the statistics of queues for a whole process. Each queue is read once a second, whatever the number of watchers, and not at
 * all without any. Watchers get changes only, at most once a second. A slow watcher skips some.
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

  /** The number of open watches. If it is 0, no queue is read. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Yields the statistics of these queues, first at once and then after each change. Ends with the signal. */
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
    let told = after?.split(".")[1];
    let toldAt = Number.NEGATIVE_INFINITY;
    try {
      for (;;) {
        await watcher.wake.wait();
        if (watcher.isOver) return;
        const stats = queues.flatMap((queue) => this.#latest.get(queue) ?? []);
        const digest = digestOf(stats);
        // Changes that are left out here are found by the next read, a moment later.
        if (stats.length < queues.length || digest === told || performance.now() - toldAt < this.#everyMs) continue;
        told = digest;
        toldAt = performance.now();
        yield { position: `${Math.max(0, ...stats.map(({ at }) => at)).toString(36)}.${digest}`, stats };
      }
    } finally {
      forget();
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#rest();
    }
  }

  /** Ends all watches. Safe to call twice. */
  close(): void {
    this.#isClosed = true;
    for (const watcher of this.#watchers) end(watcher);
    this.#rest();
  }

  #start(): void {
    if (this.#timer === null && !this.#isPolling) void this.#poll();
  }

  #rest(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#latest.clear();
  }

  async #poll(): Promise<void> {
    this.#timer = null;
    this.#isPolling = true;
    const queues = new Set([...this.#watchers].flatMap((watcher) => watcher.queues));
    await Promise.all([...queues].map((queue) => this.#ask(queue)));
    this.#isPolling = false;
    if (this.#watchers.size === 0 || this.#isClosed) {
      this.#rest();
      return;
    }
    for (const { wake } of this.#watchers) wake.call();
    // A little longer than the period, so that a watcher that got one read may get the next one too.
    this.#timer = setTimeout(() => void this.#poll(), this.#everyMs * (1.05 + Math.random() * 0.1));
    this.#timer.unref();
  }

  // If Redis does not answer, the next read asks again.
  async #ask(queue: string): Promise<void> {
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
  const told = JSON.stringify(stats.map(({ at: _, ...rest }) => rest));
  return createHash("sha256").update(told).digest("base64url").slice(0, 16);
}
