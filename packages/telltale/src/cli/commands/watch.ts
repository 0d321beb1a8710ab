import { Command } from "@commander-js/extra-typings";
import { runCommand } from "../run-command.js";
import { watchJob } from "../watch-job.js";
import { patienceOption } from "./patience-option.js";

const EXAMPLES = `
Examples:
  telltale watch judge_0199e0a1…
  telltale watch judge_0199e0a1… --json | jq 'select(.status == "running")'

It ends with 0 if the job completed and 1 if it failed or was cancelled.
Ctrl-C stops watching; the job goes on.`;

/** `telltale watch <id>` */
export function watchCommand() {
  const command = new Command("watch")
    .description("watch a job to its end: its statuses, its progress and what it prints")
    .argument("<id>", "the job")
    .addOption(patienceOption())
    .addHelpText("after", EXAMPLES);
  command.action((id, { patience }) =>
    runCommand(command, async (context) => {
      const job = context.connection.job(id);
      // Watching goes on for as long as nobody answers; a call says at once that nobody does, or that there is no such job.
      await job.get();
      return watchJob(context, job, { patienceMs: patience, asks: false });
    }),
  );
  return command;
}
