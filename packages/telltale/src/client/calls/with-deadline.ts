import { TelltaleError } from "../../core/index.js";
import type { Closing } from "../transport/closing.js";

/** How long a call may take in ms, and the client whose closing ends it earlier. */
export interface Deadline {
  readonly ms: number;
  readonly closing: Closing;
}

/** Runs a call. Aborts it and rejects with `outcome_unknown` after `ms`, or with `closed` when the client is closed. */
export async function withDeadline<T>(deadline: Deadline, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { promise, reject } = rejection();
  const giveUp = (error: TelltaleError): void => {
    reject(error);
    controller.abort(error);
  };
  const onClosed = (): void => giveUp(new TelltaleError("closed", "The client was closed"));
  const timer = setTimeout(
    () => giveUp(new TelltaleError("outcome_unknown", `No reply within ${Math.round(deadline.ms)} ms`)),
    deadline.ms,
  );
  deadline.closing.on(onClosed);
  if (deadline.closing.isClosed) onClosed();
  try {
    // Some links ignore the signal, so the call may go on after an abort.
    return await Promise.race([promise, run(controller.signal)]);
  } finally {
    clearTimeout(timer);
    deadline.closing.off(onClosed);
  }
}

function rejection(): { promise: Promise<never>; reject: (error: TelltaleError) => void } {
  let reject: (error: TelltaleError) => void = () => {};
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}
