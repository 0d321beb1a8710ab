import { type BulkProgress, TelltaleError } from "../../core/index.js";
import { ask } from "../ask.js";
import { EXIT } from "../exit-code.js";
import type { Context } from "../run-command.js";
import { readBulkProgress } from "../server/answers.js";
import { describe } from "./show-progress.js";
import { takeSteps } from "./take-steps.js";

/** A bulk action, as a command runs it. */
export interface BulkCommand {
  /** The procedure that takes a step, and its input without `dryRun` and `cursor`. */
  readonly procedure: "bulk.step" | "queues.drain" | "queues.clean";
  readonly input: Readonly<Record<string, unknown>>;
  /** What the question begins with, such as `Rerun`. */
  readonly asked: string;
  readonly dryRun: boolean;
  /** Whether to change the jobs without a question. */
  readonly isSure: boolean;
  readonly cursor: string | undefined;
  /** Returns the command that resumes at a cursor. */
  readonly resume: (cursor: string) => string;
}

/** Counts the matching jobs, asks, and changes them. Returns the exit code. */
export async function runBulk(context: Context, command: BulkCommand): Promise<number> {
  const { connection, json, screen } = context;
  const { procedure, input, dryRun, cursor, resume } = command;
  const stepOf = (isDry: boolean) => async (at: string | undefined) =>
    readBulkProgress(
      await connection.mutate(procedure, { ...input, dryRun: isDry, ...(at === undefined ? {} : { cursor: at }) }),
    );
  let total: number | null = null;
  if (!dryRun && !command.isSure && cursor === undefined) {
    const answer = await permission(context, command, stepOf(true));
    if (typeof answer !== "object") return answer;
    total = answer.total;
  }
  const steps = { step: stepOf(dryRun), cursor, total, isPrinted: true, resume };
  const { progress, isStopped } = await takeSteps(context, steps);
  if (progress && !json) screen.line(describe(progress));
  if (isStopped) return EXIT.interrupted;
  return progress && hasRefused(progress) ? EXIT.failed : EXIT.done;
}

/** Returns the number of matching jobs if the user agrees to change them, otherwise the exit code. */
async function permission(
  context: Context,
  { asked }: BulkCommand,
  step: (cursor: string | undefined) => Promise<BulkProgress>,
): Promise<{ readonly total: number } | number> {
  if (context.json || process.stdin.isTTY !== true) {
    throw new TelltaleError(
      "invalid_config",
      "Pass --yes to change the jobs without a question, or --dry-run to count them",
    );
  }
  const counting = { step, cursor: undefined, total: null, isPrinted: false, resume: () => "repeat the command" };
  const { progress, isStopped } = await takeSteps(context, counting);
  if (isStopped) return EXIT.interrupted;
  const total = progress?.matched ?? 0;
  if (total === 0) {
    context.note("No jobs found.");
    return EXIT.done;
  }
  const answer = await ask(`${asked} ${total} ${total === 1 ? "job" : "jobs"}? (y/N) `);
  if (answer !== null && /^y(es)?$/i.test(answer)) return { total };
  context.note("Nothing was changed.");
  return EXIT.failed;
}

/** Whether jobs were skipped that still match. */
function hasRefused({ skipped: { changed: _, gone: __, ...refused } }: BulkProgress): boolean {
  return Object.values(refused).some((n) => n > 0);
}
