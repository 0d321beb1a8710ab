interface Callbacks {
  readonly all: Set<() => void>;
  readonly report: () => void;
}

// One listener for each signal, however many callbacks it has: Node warns of a leak when a signal has more than ten listeners,
// but a page or a worker may well wait for one signal in a hundred places.
const callbacksOf = new WeakMap<AbortSignal, Callbacks>();

/**
 * Calls `callback` when the signal aborts, unless the returned function was called before. A signal that has aborted already, or
 * undefined, is never reported.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (!signal || signal.aborted) return () => {};
  // A function that is registered twice counts twice.
  const once = (): void => callback();
  const callbacks = callbacksOf.get(signal) ?? listen(signal);
  callbacks.all.add(once);
  return () => {
    callbacks.all.delete(once);
    // A signal that lives longer must not hold on to anything.
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
