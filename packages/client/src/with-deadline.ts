import { TelltaleError } from "@telltale/core";

/** How long a call may take, and what ends it before. */
export interface Deadline {
  readonly ms: number;
  readonly closed: AbortSignal;
}

/** Runs a call that is aborted, and given up as `outcome_unknown`, after `ms`; rejects with `closed` when that aborts. */
export async function withDeadline<T>(deadline: Deadline, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { promise, reject } = rejection();
  const giveUp = (error: TelltaleError): void => {
    reject(error);
    controller.abort(error);
  };
  const onClosed = (): void => giveUp(new TelltaleError("closed", "The client was closed"));
  const timer = setTimeout(
    () => giveUp(new TelltaleError("outcome_unknown", `No answer within ${deadline.ms} ms`)),
    deadline.ms,
  );
  deadline.closed.addEventListener("abort", onClosed, { once: true });
  if (deadline.closed.aborted) onClosed();
  try {
    // A race, because not every link hears a signal.
    return await Promise.race([promise, run(controller.signal)]);
  } finally {
    clearTimeout(timer);
    deadline.closed.removeEventListener("abort", onClosed);
  }
}

function rejection(): { promise: Promise<never>; reject: (error: TelltaleError) => void } {
  let reject: (error: TelltaleError) => void = () => {};
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}
