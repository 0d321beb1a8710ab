import type { Logger } from "../core/index.js";
import { currentAttempt } from "./attempt/current-attempt.js";

/** How long the jobs of a crashing process may take to return to the queue, ms. */
const GIVE_BACK_MS = 5_000;

/** The methods of a worker that are needed here. */
interface Crashing {
  crash(error: unknown, culprit: string | undefined): Promise<void>;
}

/**
 * Gives a worker's jobs back before an uncaught exception or an unhandled rejection ends the process, with exit code 1. Does
 * nothing if the application has its own listener for `uncaughtException`. Returns a function that removes the guard.
 */
export function guardAgainstCrash(worker: Crashing, logger: Logger): () => void {
  let isCrashing = false;
  const onUncaught = (error: unknown, origin: string): void => {
    if (process.listenerCount("uncaughtException") > 1) return;
    // As Node would print it. Loggers do not receive the message of a handler's error.
    console.error(error);
    if (isCrashing) return;
    isCrashing = true;
    logger.error({ origin }, "an uncaught error ends this process; its jobs return to the queue");
    setTimeout(() => process.exit(1), GIVE_BACK_MS);
    void worker.crash(error, currentAttempt()).finally(() => process.exit(1));
  };
  process.on("uncaughtException", onUncaught);
  return () => void process.off("uncaughtException", onUncaught);
}
