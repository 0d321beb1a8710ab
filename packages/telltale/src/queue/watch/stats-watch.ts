import { createHash } from "node:crypto";
import type { Logger, QueueStats } from "../../core/index.js";
import { firstLine } from "../redis/redis-error.js";
import { Wake } from "./wake.js";

/** What a watcher of queues is given: how each of them is doing, and the tracked id to go on after. */
export interface StatsUpdate {
  readonly position: string;
  readonly stats: QueueStats[];
}

/** How a watcher of queues begins and ends. */
export interface StatsWatchOptions {
  /** A tracked id: what it stands for is not told again. */
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
 * Watches how queues are doing for a whole process: each is asked once a second, however many watch it, and not at all
 * while nobody does. A watcher hears of changes only, at most once a second; what it is not ready for is passed over.
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

  /** Open watches: 0 after everybody left, and then nothing is asked. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** How these queues are doing, first at once and then after each change. Ends with the signal. */
  async *watch(
    queues: readonly string[],
    { after, signal }: StatsWatchOptions = {},
  ): AsyncGenerator<StatsUpdate, void, undefined> {
    if (signal?.aborted || this.#isClosed) return;
    const watcher: Watcher = { queues, wake: new Wake(), isOver: false };
    const stop = (): void => end(watcher);
    signal?.addEventListener("abort", stop, { once: true });
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
        // The next look is never more than a moment away: what is left out here is found again by it.
        if (stats.length < queues.length || digest === told || performance.now() - toldAt < this.#everyMs) continue;
        told = digest;
        toldAt = performance.now();
        yield { position: `${Math.max(0, ...stats.map(({ at }) => at)).toString(36)}.${digest}`, stats };
      }
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#rest();
    }
  }

  /** Ends every watch. Safe to call twice. */
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
    // A little over, so that a watcher told at one look has not been told too lately at the next.
    this.#timer = setTimeout(() => void this.#poll(), this.#everyMs * (1.05 + Math.random() * 0.1));
    this.#timer.unref();
  }

  // A server that does not answer now is asked again by the next look.
  async #ask(queue: string): Promise<void> {
    try {
      this.#latest.set(queue, await this.#read(queue));
    } catch (error) {
      this.#logger.warn({ queue, error: firstLine(error) }, "reading how a queue is doing failed");
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
