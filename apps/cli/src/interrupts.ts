/** What Ctrl-C does while a job is watched. */
export interface Interrupts extends Disposable {
  /** Aborted when watching is to stop. */
  readonly signal: AbortSignal;
}

/**
 * The first SIGINT asks, where there is somebody to ask; a second one, or the first without a question, stops watching at
 * once. The question's signal tells it that its answer no longer matters.
 */
export function onInterrupt(ask: ((signal: AbortSignal) => Promise<"stop" | "go on">) | null): Interrupts {
  const stop = new AbortController();
  let wasAsked = false;
  const interrupted = (): void => {
    if (ask === null || wasAsked) {
      stop.abort();
      return;
    }
    wasAsked = true;
    void ask(stop.signal).then(
      (answer) => {
        if (answer === "stop") stop.abort();
      },
      () => stop.abort(),
    );
  };
  process.on("SIGINT", interrupted);
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      process.off("SIGINT", interrupted);
      // A question nobody needs the answer of gives the terminal back.
      stop.abort();
    },
  };
}
