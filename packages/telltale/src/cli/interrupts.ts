/** What Ctrl-C does while a job is watched. */
export interface Interrupts extends AsyncDisposable {
  /** Aborted when watching is to stop. */
  readonly signal: AbortSignal;
}

/**
 * The first SIGINT asks, where there is somebody to ask; a second one, or the first without a question, stops watching at
 * once. The question's signal tells it that its answer no longer matters.
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
      // A question nobody needs the answer of gives the terminal back.
      stop.abort();
      await asking;
    },
  };
}
