const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** The methods of a worker that are needed here. */
interface Runner {
  start(): Promise<void>;
  stop(options: { readonly signal: AbortSignal }): Promise<void>;
  stopped(): Promise<void>;
}

/**
 * Runs a worker until SIGTERM or SIGINT. The first signal starts a graceful shutdown, the second ends the grace period,
 * and the third has its default effect. Rejects if the worker cannot start.
 */
export async function runUntilSignal(worker: Runner): Promise<void> {
  const hurry = new AbortController();
  let isDraining = false;
  const onSignal = (): void => {
    if (isDraining) {
      hurry.abort();
      silence();
      return;
    }
    isDraining = true;
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
