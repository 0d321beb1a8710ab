const SIGNALS = ["SIGTERM", "SIGINT"] as const;
/** Signals closer together than this are one: `node --watch` and terminals under npm send two for one Ctrl-C, ms. */
const SAME_SIGNAL_MS = 500;

/** The methods of a worker that are needed here. */
interface Runner {
  start(): Promise<void>;
  stop(options: { readonly signal: AbortSignal }): Promise<void>;
  stopped(): Promise<void>;
}

/**
 * Runs a worker until SIGTERM or SIGINT. The first signal starts a graceful shutdown, the second ends the grace period,
 * and the third has its default effect. Signals within half a second of the first belong to it. Rejects if the worker cannot
 * start.
 */
export async function runUntilSignal(worker: Runner): Promise<void> {
  const hurry = new AbortController();
  let isDraining = false;
  let firstAt = 0;
  const onSignal = (): void => {
    if (isDraining) {
      if (performance.now() - firstAt < SAME_SIGNAL_MS) return;
      hurry.abort();
      silence();
      return;
    }
    isDraining = true;
    firstAt = performance.now();
    void worker.stop({ signal: hurry.signal });
  };
  const silence = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const failure = worker.start().then(
      () => null,
      (error: unknown) => ({ error }),
    );
    const ended = await Promise.race([failure, worker.stopped().then(() => null)]);
    if (ended && !isDraining) throw ended.error;
    await worker.stopped();
  } finally {
    silence();
  }
}
