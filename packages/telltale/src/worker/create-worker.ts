import { hasCode } from "../core/index.js";
import { firstLine } from "../queue/index.js";
import type { WorkerOptions } from "./options.js";
import { settingsOf } from "./settings.js";
import { Worker } from "./worker.js";

/**
 * Creates a worker and starts it on the next turn of the event loop. With `await using worker = createWorker(…)` it
 * shuts down gracefully at the end of the block. In a process that only runs the worker, await `worker.run()`.
 *
 * Throws `invalid_config` for invalid options, and `unknown_kind` for a handler whose kind is not in the contracts of
 * `telltale`. While Redis is unavailable, the worker keeps waiting for it.
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
