import type { Logger, QueueStats } from "../core/index.js";
import { firstLine } from "./redis/redis-error.js";

// Longer than the minute for which a queue counts as having workers after its last one has stopped.
const AGAIN_MS = 70_000;

/** Logs queues that have unfinished jobs but no workers, and that no contract of this process names. */
export class UnhandledQueues {
  readonly #find: () => Promise<readonly QueueStats[]>;
  readonly #logger: Logger;
  readonly #againMs: number;
  readonly #logged = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  /** `find` returns the queues with unfinished jobs that no contract names. */
  constructor({
    find,
    logger,
    againMs = AGAIN_MS,
  }: Readonly<{ find: () => Promise<readonly QueueStats[]>; logger: Logger; againMs?: number }>) {
    this.#find = find;
    this.#logger = logger;
    this.#againMs = againMs;
  }

  /** Never rejects. In a deploy, the last workers of a queue may just have stopped. If there still were some, looks again later. */
  async report(): Promise<void> {
    try {
      const found = await this.#find();
      for (const { queue, hasWorkers, jobs } of found) if (!hasWorkers) this.#log(queue, jobs);
      if (found.some(({ hasWorkers }) => hasWorkers)) this.#reportLater();
    } catch (error) {
      if (!this.#isClosed)
        this.#logger.warn({ error: firstLine(error) }, "could not look for queues that no worker handles");
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #log(queue: string, { scheduled, queued, running, retrying }: QueueStats["jobs"]): void {
    if (this.#logged.has(queue)) return;
    this.#logged.add(queue);
    this.#logger.warn(
      { queue, scheduled, queued, running, retrying },
      "a queue has jobs, but no workers and no contract; if their kind moved to another queue, name this one in formerQueues",
    );
  }

  #reportLater(): void {
    if (this.#timer || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.report();
    }, this.#againMs);
    this.#timer.unref();
  }
}
