import type { JobHandle } from "../client/index.js";
import { type AnyJob, isFinal, type JobEvent, type JobStatus, TelltaleError } from "../core/index.js";
import type { Display } from "./display/display.js";
import { StillQueued } from "./still-queued.js";

export interface FollowOptions {
  readonly display: Display;
  /** Stops watching when it aborts, which is not an error. */
  readonly signal: AbortSignal;
  /**
   * How long to wait for a connection, initially and after it is lost, before `follow` rejects with `unreachable`, in
   * ms.
   */
  readonly patienceMs: number;
  /** How long a job may stay queued before the display shows a notice, in ms. */
  readonly queuedMs: number;
}

/**
 * Shows the events and output of a job until its round ends. The final event is shown last. Returns the job's final
 * status, or null if watching was stopped earlier.
 */
export async function follow(job: JobHandle<AnyJob>, options: FollowOptions): Promise<JobStatus | null> {
  const { display, patienceMs, queuedMs } = options;
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

  const stillQueued = new StillQueued(queuedMs, () => display.notice("still queued: is a worker running?"));
  let end: JobEvent<AnyJob> | null = null;
  const watching = async (): Promise<void> => {
    for await (const event of job.watch({ signal, onConnection })) {
      stillQueued.event(event.status);
      // An event after the final one means that the job was rerun.
      if (end) display.event(end);
      end = isFinal(event.status) ? event : null;
      if (!end) display.event(event);
    }
  };
  const printing = async (): Promise<void> => {
    for await (const chunk of job.chunks({ signal })) display.chunk(chunk);
  };
  // The first failure stops the other loop, which then returns without an error.
  const ending = (error: unknown): void => over.abort(error);
  await Promise.all([watching().catch(ending), printing().catch(ending)]);
  clearTimeout(patience);
  stillQueued.stop();

  if (over.signal.aborted) throw over.signal.reason;
  return shown(end, display);
}

function shown(end: JobEvent<AnyJob> | null, display: Display): JobStatus | null {
  if (end === null) return null;
  display.event(end);
  return end.status;
}
