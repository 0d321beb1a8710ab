import type { JobHandle } from "../client/index.js";
import type { AnyJob, JobStatus } from "../core/index.js";
import { askToCancel } from "./ask-to-cancel.js";
import { createDisplay } from "./display/create-display.js";
import { EXIT, exitCodeOfStatus } from "./exit-code.js";
import { follow } from "./follow.js";
import { onInterrupt } from "./interrupts.js";
import type { Context } from "./run-command.js";

/** The options of `watchJob`. */
export interface WatchJobOptions {
  readonly patienceMs: number;
  /** Whether Ctrl-C asks if the job should be cancelled, on a terminal. */
  readonly asks: boolean;
}

const STILL_QUEUED_MS = 10_000;

/** Shows a job until it ends, and returns the exit code. */
export async function watchJob(context: Context, job: JobHandle<AnyJob>, options: WatchJobOptions): Promise<number> {
  const { json, screen } = context;
  const display = createDisplay(context, job.id);
  const canAsk = options.asks && !json && screen.isTerminal && process.stdin.isTTY === true;
  let refusal: unknown;
  const ask = async (signal: AbortSignal): Promise<"stop" | "go on"> => {
    display.pause();
    if ((await askToCancel(signal)) === "stop") return "stop";
    display.resume();
    try {
      await job.cancel();
      return "go on";
    } catch (error) {
      refusal = error;
      return "stop";
    }
  };
  const watching = async (): Promise<JobStatus | null> => {
    // Disposed before the display closes, so that no question remains on the screen.
    await using interrupts = onInterrupt(canAsk ? ask : null);
    const { patienceMs } = options;
    return await follow(job, { display, signal: interrupts.signal, patienceMs, queuedMs: STILL_QUEUED_MS });
  };
  const status = await watching().finally(() => display.close());
  if (status !== null) return exitCodeOfStatus(status);
  if (refusal !== undefined) throw refusal;
  context.note(`The job keeps running. To watch it again: telltale watch ${job.id}`);
  return EXIT.interrupted;
}
