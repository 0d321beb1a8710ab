interface Callbacks {
  readonly all: Set<() => void>;
  readonly report: () => void;
}

// Each signal gets one listener, which calls all its callbacks. Node.js warns about a memory leak when a signal has more than ten
// listeners, but a page or a worker may wait for one signal in a hundred places.
const callbacksOf = new WeakMap<AbortSignal, Callbacks>();

/**
 * Calls `callback` when the signal aborts, unless the returned function is called first. Does nothing for undefined, or for a
 * signal that has already aborted.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (!signal || signal.aborted) return () => {};
  // A new function each time, so that a callback that is registered twice is called twice.
  const once = (): void => callback();
  const callbacks = callbacksOf.get(signal) ?? listen(signal);
  callbacks.all.add(once);
  return () => {
    callbacks.all.delete(once);
    // Otherwise a long-lived signal would keep these objects in memory.
    if (callbacks.all.size > 0 || callbacksOf.get(signal) !== callbacks) return;
    callbacksOf.delete(signal);
    signal.removeEventListener("abort", callbacks.report);
  };
}

function listen(signal: AbortSignal): Callbacks {
  const all = new Set<() => void>();
  const report = (): void => {
    callbacksOf.delete(signal);
    for (const callback of all) callback();
  };
  const callbacks = { all, report };
  callbacksOf.set(signal, callbacks);
  signal.addEventListener("abort", report, { once: true });
  return callbacks;
}
