const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** What runs until it is stopped: a worker. */
interface Runner {
  start(): Promise<void>;
  stop(options: { readonly signal: AbortSignal }): Promise<void>;
  stopped(): Promise<void>;
}

/**
 * Runs a worker until the process is told to end: the first signal drains, the second ends the grace, a third has the
 * system's own effect. Rejects when the worker cannot start.
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
