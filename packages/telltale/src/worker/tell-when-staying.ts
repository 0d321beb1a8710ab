import type { Settings } from "./settings.js";

/** Time within which everything that closes on its own after a shutdown has closed, in ms. */
const STAYS_MS = 3_000;

/**
 * Logs a warning if the process is still alive after `Worker.run` because the connections of `createTelltale` were not
 * closed. Does not keep the process alive itself.
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
