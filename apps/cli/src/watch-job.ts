import type { JobHandle } from "@telltale/client";
import type { AnyJob } from "@telltale/core";
import { askToCancel } from "./ask-to-cancel.js";
import { createDisplay } from "./display/create-display.js";
import { EXIT, exitCodeOfStatus } from "./exit-code.js";
import { follow } from "./follow.js";
import { onInterrupt } from "./interrupts.js";
import type { Context } from "./run-command.js";

/** How a command watches. */
export interface WatchJobOptions {
  readonly patienceMs: number;
  /** Ctrl-C asks whether to cancel the job, where there is a terminal to ask on. */
  readonly asks: boolean;
}

/** Watches a job on whatever is there to show it, and answers what the process is to end with. */
export async function watchJob(context: Context, job: JobHandle<AnyJob>, options: WatchJobOptions): Promise<number> {
  const { json, screen } = context;
  const display = createDisplay(context, job.id);
  const canAsk = options.asks && !json && screen.isTerminal && process.stdin.isTTY === true;
  const ask = async (signal: AbortSignal): Promise<"stop" | "go on"> => {
    display.pause();
    if ((await askToCancel(job.id, signal)) === "stop") return "stop";
    display.resume();
    await job.cancel();
    return "go on";
  };
  using interrupts = onInterrupt(canAsk ? ask : null);
  try {
    const status = await follow(job, { display, signal: interrupts.signal, patienceMs: options.patienceMs });
    if (status !== null) return exitCodeOfStatus(status);
  } finally {
    display.close();
  }
  context.note(`Stopped watching; the job goes on: telltale watch ${job.id}`);
  return EXIT.interrupted;
}
