/** Handles Ctrl-C while a job is watched. */
export interface Interrupts extends AsyncDisposable {
  /** Aborts when watching should stop. */
  readonly signal: AbortSignal;
}

/**
 * Calls `ask` on the first SIGINT. A second one, or the first if `ask` is null, stops watching immediately. The signal
 * passed to `ask` aborts when its answer is no longer needed.
 */
export function onInterrupt(ask: ((signal: AbortSignal) => Promise<"stop" | "go on">) | null): Interrupts {
  const stop = new AbortController();
  let asking: Promise<void> | null = null;
  const interrupted = (): void => {
    if (ask === null || asking !== null) {
      stop.abort();
      return;
    }
    asking = ask(stop.signal).then(
      (answer) => {
        if (answer === "stop") stop.abort();
      },
      () => stop.abort(),
    );
  };
  process.on("SIGINT", interrupted);
  return {
    signal: stop.signal,
    async [Symbol.asyncDispose]() {
      process.off("SIGINT", interrupted);
      // Aborts a question whose answer is no longer needed, so that it releases the terminal.
      stop.abort();
      await asking;
    },
  };
}
