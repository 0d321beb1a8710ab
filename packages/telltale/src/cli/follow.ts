import type { JobHandle } from "../client/index.js";
import { type AnyJob, isFinal, type JobEvent, type JobStatus, TelltaleError } from "../core/index.js";
import type { Display } from "./display/display.js";

/** How to follow a job. */
export interface FollowOptions {
  readonly display: Display;
  /** Stops watching, which is not an error. */
  readonly signal: AbortSignal;
  /** How long to wait for a connection, at the start and after it was lost. Then it rejects with `unreachable`. */
  readonly patienceMs: number;
}

/**
 * Shows a job's events and what it prints, to the end of its round, of which the end is shown last. Answers its status
 * then, or null where watching was stopped before.
 */
export async function follow(job: JobHandle<AnyJob>, options: FollowOptions): Promise<JobStatus | null> {
  const { display, patienceMs } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const giveUp = (): void =>
    over.abort(new TelltaleError("unreachable", `No connection within ${Math.round(patienceMs / 1_000)} s`));
  let patience: NodeJS.Timeout | undefined = setTimeout(giveUp, patienceMs);
  const onConnection = (state: string): void => {
    clearTimeout(patience);
    patience = state === "live" || state === "closed" ? undefined : setTimeout(giveUp, patienceMs);
    if (state !== "closed") display.connected(state === "live");
  };

  let end: JobEvent<AnyJob> | null = null;
  const watching = async (): Promise<void> => {
    for await (const event of job.watch({ signal, onConnection })) {
      // Another event after an end: the job was run again.
      if (end) display.event(end);
      end = isFinal(event.status) ? event : null;
      if (!end) display.event(event);
    }
  };
  const printing = async (): Promise<void> => {
    for await (const chunk of job.chunks({ signal })) display.chunk(chunk);
  };
  // What fails first ends the other, which then ends quietly.
  const ending = (error: unknown): void => over.abort(error);
  await Promise.all([watching().catch(ending), printing().catch(ending)]);
  clearTimeout(patience);

  if (over.signal.aborted) throw over.signal.reason;
  return shown(end, display);
}

function shown(end: JobEvent<AnyJob> | null, display: Display): JobStatus | null {
  if (end === null) return null;
  display.event(end);
  return end.status;
}
