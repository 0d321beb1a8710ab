import type { Settings } from "./settings.js";

/** What closes by itself after a drain has closed by then. */
const STAYS_MS = 3_000;

/**
 * Says what keeps a process alive whose worker was run and is stopped: most often nobody closed the connections of
 * `createTelltale`. A process that ends does not hear of it.
 */
export function tellWhenStaying({ engine, logger }: Pick<Settings, "engine" | "logger">): void {
  const timer = setTimeout(() => {
    if (!engine.isOpen) return;
    logger.warn(
      {},
      "the process stays alive after worker.run() because the connections of createTelltale are open; close them with `await telltale[Symbol.asyncDispose]()` or declare it with `await using`",
    );
  }, STAYS_MS);
  timer.unref();
}
