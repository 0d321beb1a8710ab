import { getEventListeners } from "node:events";
import type { Logger } from "../core/index.js";
import { currentAttempt } from "./attempt/current-attempt.js";

/** How long the jobs of a crashing process may take to return to the queue, ms. */
const GIVE_BACK_MS = 5_000;

// Registered, so that copies of this package share one guard.
/** Leads from a listener of ours to its guard. */
const GUARD = Symbol.for("telltale.crashGuard");
/** The workers whose jobs the guard gives back. */
const WORKERS = Symbol.for("telltale.crashGuard.workers");
/** Adds the listener for crashes, unless the application has one. */
const STAND_BY = Symbol.for("telltale.crashGuard.standBy");
/** Removes the listeners of the guard. */
const REMOVE = Symbol.for("telltale.crashGuard.remove");

/** The methods of a worker that are needed here. */
interface Crashing {
  crash(error: unknown, culprit: string | undefined): Promise<void>;
}

interface Guarded {
  readonly worker: Crashing;
  readonly logger: Logger;
}

interface Guard {
  readonly [WORKERS]: Set<Guarded>;
  readonly [STAND_BY]: () => void;
  readonly [REMOVE]: () => void;
}

/**
 * Gives a worker's jobs back before an uncaught exception or an unhandled rejection ends the process, with exit code 1. The
 * workers of a process share one listener, which waits for all of them. While the application has its own listener for
 * `uncaughtException`, whenever it added it, there is none of ours. Returns a function that removes the guard.
 */
export function guardAgainstCrash(worker: Crashing, logger: Logger): () => void {
  const guard = existing() ?? install();
  const guarded = { worker, logger };
  guard[WORKERS].add(guarded);
  guard[STAND_BY]();
  return () => {
    guard[WORKERS].delete(guarded);
    if (guard[WORKERS].size === 0) guard[REMOVE]();
  };
}

function existing(): Guard | undefined {
  // While the application has a listener of its own, this is how to find the guard.
  return getEventListeners(process, "newListener")
    .map((listener) => Reflect.get(listener, GUARD))
    .find(isGuard);
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
  // Some listeners, such as those of error trackers, end the process only if there is no other listener.
  const onAdded = (event: string | symbol, listener: unknown): void => {
    if (event === "uncaughtException" && listener !== onUncaught) process.off("uncaughtException", onUncaught);
  };
  // Later, because a listener that was added with `once` is removed before it is called.
  const onRemoved = (event: string | symbol, listener: unknown): void => {
    if (event === "uncaughtException" && listener !== onUncaught) setImmediate(standBy);
  };
  const standBy = (): void => {
    if (workers.size > 0 && process.listenerCount("uncaughtException") === 0)
      process.on("uncaughtException", onUncaught);
  };
  const remove = (): void => {
    process.off("newListener", onAdded).off("removeListener", onRemoved).off("uncaughtException", onUncaught);
  };
  const guard = { [WORKERS]: workers, [STAND_BY]: standBy, [REMOVE]: remove };
  process.on("newListener", Object.assign(onAdded, { [GUARD]: guard })).on("removeListener", onRemoved);
  return guard;
}

function isGuard(value: unknown): value is Guard {
  return typeof value === "object" && value !== null && WORKERS in value && STAND_BY in value && REMOVE in value;
}
