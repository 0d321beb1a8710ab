import { hasCode } from "../core/index.js";
import { firstLine } from "../queue/index.js";
import type { WorkerOptions } from "./options.js";
import { settingsOf } from "./settings.js";
import { Worker } from "./worker.js";

/**
 * Makes a worker, which starts by itself on the next turn of the event loop: `await using worker = createWorker(…)` is all
 * it takes, and drains at the end of the block. A process that does nothing else awaits `worker.run()`. Throws
 * `invalid_config` for options that cannot be meant; a Redis that is away is waited for.
 */
export function createWorker(options: WorkerOptions): Worker {
  const settings = settingsOf(options);
  const worker = new Worker(settings);
  setImmediate(() => {
    worker.start().catch((error: unknown) => {
      if (!hasCode(error, "closed")) settings.logger.error({ error: firstLine(error) }, "the worker cannot start");
    });
  });
  return worker;
}
