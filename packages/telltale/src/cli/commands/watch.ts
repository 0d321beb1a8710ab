import { Command } from "@commander-js/extra-typings";
import { runCommand } from "../run-command.js";
import { watchJob } from "../watch-job.js";
import { patienceOption } from "./patience-option.js";

const EXAMPLES = `
Examples:
  telltale watch judge_0199e0a1…
  telltale watch judge_0199e0a1… --json | jq 'select(.status == "running")'

The exit code is 0 if the job completed and 1 if it failed or was cancelled.
Ctrl-C stops watching and lets the job run.`;

/** `telltale watch <id>` */
export function watchCommand() {
  const command = new Command("watch")
    .description("watch a job until it ends: status, progress and streamed output")
    .argument("<id>", "job id")
    .addOption(patienceOption())
    .addHelpText("after", EXAMPLES);
  command.action((id, { patience }) =>
    runCommand(command, async (context) => {
      const job = context.connection.job(id);
      // Watching waits for a connection, but this call fails immediately if the server or the job does not exist.
      await job.get();
      return watchJob(context, job, { patienceMs: patience, asks: false });
    }),
  );
  return command;
}
