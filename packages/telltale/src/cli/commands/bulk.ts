import { Command } from "@commander-js/extra-typings";
import type { BulkAction } from "../../core/index.js";
import { runBulk } from "../bulk/run-bulk.js";
import { runCommand } from "../run-command.js";
import { filterFlags, flagsOf, readFilterFlags } from "./filter-flags.js";
import { OPERATORS_ONLY } from "./operators-only.js";

const EXAMPLES = `
Examples:
  telltale bulk rerun --status failed --since 12:00 --dry-run
  telltale bulk rerun --status failed --since 12:00 --yes
  telltale bulk cancel --queue judge --status queued --yes
  telltale bulk remove --status failed --code timeout --until 7d --yes

Counts the matching jobs and asks before it changes them, unless you pass --yes.
Jobs that were submitted after the action began are left alone. Ctrl-C stops
after the current step and prints how to continue.
The exit code is 1 if jobs were skipped that still match.
${OPERATORS_ONLY}`;

interface Verb {
  readonly action: BulkAction;
  readonly description: string;
  /** The question, such as `Rerun`. */
  readonly asked: string;
}

const VERBS: Readonly<Record<string, Verb>> = {
  cancel: { action: "cancel", description: "cancel unfinished jobs; running ones are asked to stop", asked: "Cancel" },
  rerun: { action: "rerun", description: "run finished jobs again; needs --status", asked: "Rerun" },
  remove: { action: "remove", description: "delete finished jobs; needs --status", asked: "Delete" },
  "run-now": { action: "runNow", description: "run scheduled and retrying jobs now", asked: "Run now" },
};

/** `telltale bulk <action>` */
export function bulkCommand() {
  const command = new Command("bulk")
    .description("cancel, rerun, remove or run now all jobs that match a filter")
    .addHelpText("after", EXAMPLES);
  for (const [name, verb] of Object.entries(VERBS)) command.addCommand(verbCommand(name, verb));
  return command;
}

function verbCommand(name: string, verb: Verb) {
  const command = new Command(name).description(verb.description);
  for (const flag of filterFlags()) command.addOption(flag);
  command
    .option("--dry-run", "count the matching jobs and change none")
    .option("-y, --yes", "do not ask")
    .option("--cursor <cursor>", "continue an action that was stopped")
    .addHelpText("after", EXAMPLES)
    .action(({ dryRun = false, yes = false, cursor, ...flags }) =>
      runCommand(command, (context) => {
        const filter = readFilterFlags(flags);
        const resume = (at: string): string =>
          ["telltale bulk", name, ...flagsOf(filter), dryRun ? "--dry-run" : "--yes", "--cursor", at].join(" ");
        const { action, asked } = verb;
        const input = { action, filter };
        return runBulk(context, { procedure: "bulk.step", input, asked, dryRun, isSure: yes, cursor, resume });
      }),
    );
  return command;
}
