import { setTimeout } from "node:timers/promises";
import { type BulkProgress, hasCode, TelltaleError } from "../../core/index.js";
import { onInterrupt } from "../interrupts.js";
import { jsonLine } from "../output/json-line.js";
import type { Context } from "../run-command.js";
import { showProgress } from "./show-progress.js";

/** A bulk action, as the steps of a server. */
export interface Steps {
  /** Takes the step at a cursor. */
  readonly step: (cursor: string | undefined) => Promise<BulkProgress>;
  /** The cursor to begin with. */
  readonly cursor: string | undefined;
  /** How many jobs match, if they were counted before. */
  readonly total: number | null;
  /** Whether to print each step as JSON with --json. */
  readonly isPrinted: boolean;
  /** Returns the command that resumes at a cursor. */
  readonly resume: (cursor: string) => string;
}

/**
 * Takes the steps of a bulk action and shows its progress. Ctrl-C stops after the current step. Returns the last progress, and whether it
 * was stopped. Prints how to resume if it was stopped, or if a step failed.
 */
export async function takeSteps(
  context: Context,
  { step, cursor: first, total, isPrinted, resume }: Steps,
): Promise<{ progress: BulkProgress | null; isStopped: boolean }> {
  await using interrupts = onInterrupt(null);
  const shown = showProgress(context, total);
  let cursor: string | null | undefined = first;
  let progress: BulkProgress | null = null;
  try {
    while (cursor !== null && !interrupts.signal.aborted) {
      progress = await whenAllowed(step, cursor, interrupts.signal);
      cursor = progress.cursor;
      if (context.json && isPrinted) context.screen.line(jsonLine(progress));
      else shown.update(progress);
    }
  } catch (error) {
    if (!interrupts.signal.aborted || !isAbort(error)) {
      if (typeof cursor === "string") process.stderr.write(`To continue: ${resume(cursor)}\n`);
      throw error;
    }
  } finally {
    shown.end();
  }
  const isStopped = typeof cursor === "string" && progress?.finished !== true;
  if (isStopped) process.stderr.write(`Stopped. To continue: ${resume(String(cursor))}\n`);
  return { progress, isStopped };
}

/** Takes a step, and waits while the caller has spent its budget of calls. */
async function whenAllowed(
  step: Steps["step"],
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<BulkProgress> {
  for (;;) {
    try {
      return await step(cursor);
    } catch (error) {
      const ms = retryInMs(error);
      if (ms === null) throw error;
      await setTimeout(ms, undefined, { signal });
    }
  }
}

function retryInMs(error: unknown): number | null {
  if (!(error instanceof TelltaleError) || !hasCode(error, "too_many")) return null;
  const { data } = error;
  if (typeof data !== "object" || data === null || !("retryInMs" in data)) return null;
  return typeof data.retryInMs === "number" ? Math.min(data.retryInMs, 60_000) : null;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
