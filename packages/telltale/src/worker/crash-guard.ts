import type { Logger } from "../core/index.js";
import { currentAttempt } from "./attempt/current-attempt.js";

/** How long the jobs of a crashing process may take to return to the queue, ms. */
const GIVE_BACK_MS = 5_000;

/** Marks our listener, and holds the workers that it gives back. Registered, so that copies of this package share one. */
const WORKERS = Symbol.for("telltale.crashGuard");

/** The methods of a worker that are needed here. */
interface Crashing {
  crash(error: unknown, culprit: string | undefined): Promise<void>;
}

interface Guarded {
  readonly worker: Crashing;
  readonly logger: Logger;
}

interface Guard extends NodeJS.UncaughtExceptionListener {
  readonly [WORKERS]: Set<Guarded>;
  /** Removes this listener. */
  stepBack(): void;
}

/**
 * Gives a worker's jobs back before an uncaught exception or an unhandled rejection ends the process, with exit code 1. The
 * workers of a process share one listener, which waits for all of them. Does nothing if the application has its own listener
 * for `uncaughtException`, and steps back when it adds one. Returns a function that removes the guard.
 */
export function guardAgainstCrash(worker: Crashing, logger: Logger): () => void {
  const listeners = process.listeners("uncaughtException");
  const existing = listeners.find(isGuard);
  // Some listeners, such as those of error trackers, end the process only if there is no other listener.
  if (!existing && listeners.length > 0) return () => {};
  const guard = existing ?? install();
  const guarded = { worker, logger };
  guard[WORKERS].add(guarded);
  return () => {
    guard[WORKERS].delete(guarded);
    if (guard[WORKERS].size === 0) guard.stepBack();
  };
}

function install(): Guard {
  const workers = new Set<Guarded>();
  let isCrashing = false;
  const onUncaught = (error: Error, origin: NodeJS.UncaughtExceptionOrigin): void => {
    // As Node would print it. Loggers do not receive the message of a handler's error.
    console.error(error);
    if (isCrashing) return;
    isCrashing = true;
    setTimeout(() => process.exit(1), GIVE_BACK_MS);
    const culprit = currentAttempt();
    const given = [...workers].map(({ worker, logger }) => {
      logger.error({ origin }, "an uncaught error ends this process; its jobs return to the queue");
      return worker.crash(error, culprit);
    });
    void Promise.allSettled(given).finally(() => process.exit(1));
  };
  const stepBack = (): void => {
    process.off("newListener", onListener).off("uncaughtException", guard);
  };
  const onListener = (event: string | symbol): void => {
    if (event === "uncaughtException") stepBack();
  };
  const guard = Object.assign(onUncaught, { [WORKERS]: workers, stepBack });
  process.on("uncaughtException", guard).on("newListener", onListener);
  return guard;
}

function isGuard(listener: NodeJS.UncaughtExceptionListener): listener is Guard {
  return WORKERS in listener;
}
