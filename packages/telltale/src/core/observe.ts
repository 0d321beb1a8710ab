import type { Logger } from "./logger.js";
import type { Observer, ObserverEvent } from "./observer.js";
import { stderrLogger } from "./stderr-logger.js";

/** Passes an event to the observers. Never throws. */
export type Observe = (event: ObserverEvent) => void;

/**
 * Returns a function that passes events to the given observers, or undefined if there are none. Call it as `observe?.({ … })`, so
 * that without observers the event is not even created.
 */
export function observeFor(given: Observer | readonly Observer[] | undefined, logger: Logger): Observe | undefined {
  const observers = (Array.isArray(given) ? given : [given]).flatMap((one?: Observer) => one ?? []);
  const [first, ...others] = observers.map((observer) => guarded(observer, logger));
  if (!first || others.length === 0) return first;
  return (event) => {
    // One observer must not change the event for the others.
    Object.freeze(event);
    first(event);
    for (const observe of others) observe(event);
  };
}

function guarded(observer: Observer, logger: Logger): Observe {
  let hasLogged = false;
  const logOnce = (type: string, error: unknown): void => {
    if (hasLogged) return;
    hasLogged = true;
    // The error's message may contain secrets, so it is only written to the process's own stderr.
    const stack = logger === stderrLogger && error instanceof Error ? { stack: error.stack } : {};
    logger.error({ event: type, ...stack }, "an observer threw; its later errors are not logged");
  };
  return (event) => {
    try {
      const returned: unknown = observer(event);
      // An observer may be async. Without this, its rejection would end the process.
      if (returned instanceof Promise) returned.catch((error: unknown) => logOnce(event.type, error));
    } catch (error) {
      logOnce(event.type, error);
    }
  };
}
