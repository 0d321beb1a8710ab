import { Command } from "@commander-js/extra-typings";
import { TelltaleError } from "../../core/index.js";
import { ask } from "../ask.js";
import { runBulk } from "../bulk/run-bulk.js";
import { describe } from "../bulk/show-progress.js";
import { takeSteps } from "../bulk/take-steps.js";
import { EXIT } from "../exit-code.js";
import { duration } from "../option-parsers.js";
import { printableLine } from "../output/printable.js";
import { exactSpan } from "../output/span.js";
import { type Context, runCommand } from "../run-command.js";
import { readBulkProgress } from "../server/answers.js";
import { OPERATORS_ONLY } from "./operators-only.js";

const DRAIN_EXAMPLES = `
Examples:
  telltale drain judge --dry-run
  telltale pause judge && telltale drain judge --yes

Cancels all jobs of the queue that are scheduled, queued or retrying. Running
jobs continue; cancel them with telltale bulk cancel --status running.
${OPERATORS_ONLY}`;

const CLEAN_EXAMPLES = `
Example:
  telltale clean judge --older-than 7d --yes

Deletes the completed, failed and cancelled jobs of the queue that ended at
least this long ago.
${OPERATORS_ONLY}`;

const OBLITERATE_EXAMPLES = `
Examples:
  telltale pause judge
  telltale obliterate judge --confirm judge

Deletes a paused queue without running jobs: all its jobs, schedules and
counters. Without --confirm it asks you to type its name.
${OPERATORS_ONLY}`;

/** `telltale drain <queue>` */
export function drainCommand() {
  const command = new Command("drain")
    .description("cancel all waiting jobs of a queue")
    .argument("<queue>", "queue name")
    .option("--dry-run", "count the jobs and change none")
    .option("-y, --yes", "do not ask")
    .option("--cursor <cursor>", "continue an action that was stopped")
    .addHelpText("after", DRAIN_EXAMPLES);
  command.action((queue, { dryRun = false, yes = false, cursor }) =>
    runCommand(command, (context) =>
      runBulk(context, {
        ...{ procedure: "queues.drain", input: { queue }, asked: "Cancel", dryRun, isSure: yes, cursor },
        resume: (at) => `telltale drain ${queue} ${dryRun ? "--dry-run" : "--yes"} --cursor ${at}`,
      }),
    ),
  );
  return command;
}

/** `telltale clean <queue>` */
export function cleanCommand() {
  const command = new Command("clean")
    .description("delete finished jobs of a queue")
    .argument("<queue>", "queue name")
    .requiredOption("--older-than <duration>", "only jobs that ended this long ago: 30m, 12h, 7d", duration)
    .option("--dry-run", "count the jobs and change none")
    .option("-y, --yes", "do not ask")
    .option("--cursor <cursor>", "continue an action that was stopped")
    .addHelpText("after", CLEAN_EXAMPLES);
  command.action((queue, { olderThan, dryRun = false, yes = false, cursor }) =>
    runCommand(command, (context) =>
      runBulk(context, {
        ...{
          procedure: "queues.clean",
          input: { queue, olderThanMs: olderThan },
          asked: "Delete",
          dryRun,
          isSure: yes,
        },
        cursor,
        resume: (at) =>
          `telltale clean ${queue} --older-than ${exactSpan(olderThan)} ${dryRun ? "--dry-run" : "--yes"} --cursor ${at}`,
      }),
    ),
  );
  return command;
}

/** `telltale obliterate <queue>` */
export function obliterateCommand() {
  const command = new Command("obliterate")
    .description("delete a paused queue with all its jobs")
    .argument("<queue>", "queue name")
    .option("--confirm <queue>", "the queue's name again, to not be asked for it")
    .addHelpText("after", OBLITERATE_EXAMPLES);
  command.action((queue, { confirm }) => runCommand(command, (context) => obliterate(context, queue, confirm)));
  return command;
}

async function obliterate(context: Context, queue: string, given: string | undefined): Promise<number> {
  if (given === undefined && (context.json || process.stdin.isTTY !== true)) {
    throw new TelltaleError("invalid_config", "Pass --confirm with the queue's name to delete it without a question");
  }
  const question = `This deletes all jobs of ${printableLine(queue)}. Type its name to confirm: `;
  const confirm = given ?? (await ask(question));
  if (confirm !== queue) {
    context.note("The name is not the queue's. Nothing was changed.");
    return EXIT.failed;
  }
  const step = async (cursor: string | undefined) =>
    readBulkProgress(
      await context.connection.mutate("queues.obliterate", {
        queue,
        confirm,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
  const resume = (): string => `telltale obliterate ${queue}`;
  const { progress, isStopped } = await takeSteps(context, {
    ...{ step, cursor: undefined, total: null, isPrinted: true, resume },
  });
  if (progress && !context.json) context.screen.line(describe(progress));
  return isStopped ? EXIT.interrupted : EXIT.done;
}
