import type { Logger } from "./logger.js";
import type { Observer, ObserverEvent } from "./observer.js";
import { stderrLogger } from "./stderr-logger.js";

/** Tells observers of an event. Never throws. */
export type Observe = (event: ObserverEvent) => void;

/**
 * What tells the observers that were given, or undefined where there are none: written `observe?.({ … })`, an event that
 * nobody hears is not even made.
 */
export function observeFor(given: Observer | readonly Observer[] | undefined, logger: Logger): Observe | undefined {
  const observers = (Array.isArray(given) ? given : [given]).flatMap((one?: Observer) => one ?? []);
  const [first, ...others] = observers.map((observer) => guarded(observer, logger));
  if (!first || others.length === 0) return first;
  return (event) => {
    // What one of them does to it is not the others' affair.
    Object.freeze(event);
    first(event);
    for (const observe of others) observe(event);
  };
}

function guarded(observer: Observer, logger: Logger): Observe {
  let isTold = false;
  const tell = (type: string, error: unknown): void => {
    if (isTold) return;
    isTold = true;
    // Its message is the observer's own, like a handler's.
    const stack = logger === stderrLogger && error instanceof Error ? { stack: error.stack } : {};
    logger.error({ event: type, ...stack }, "an observer threw; its later errors are not told");
  };
  return (event) => {
    try {
      const returned: unknown = observer(event);
      // Nothing says that an observer is not an async function, whose rejection would end the process.
      if (returned instanceof Promise) returned.catch((error: unknown) => tell(event.type, error));
    } catch (error) {
      tell(event.type, error);
    }
  };
}
