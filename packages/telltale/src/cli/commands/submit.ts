import { Command } from "@commander-js/extra-typings";
import { kindOfJobId } from "../../core/index.js";
import { EXIT } from "../exit-code.js";
import { jsonLine } from "../output/json-line.js";
import { readInput } from "../read-input.js";
import { runCommand } from "../run-command.js";
import { notOurs } from "../server/answers.js";
import { watchJob } from "../watch-job.js";
import { patienceOption } from "./patience-option.js";
import { readSubmitFlags, submitFlags } from "./submit-flags.js";

const EXAMPLES = `
Examples:
  telltale submit judge --file submission.json --wait
  jq -n '{problem: "sum", language: "javascript", source: $s}' \\
    --rawfile s sum.js | telltale submit judge --file - --wait
  telltale submit judge --file submission.json --delay 10m \\
    --tag nightly --key sum-2026-10

With --wait the exit code is 0 if the job completed and 1 if it failed or was
cancelled. Ctrl-C asks whether to cancel the job. A second Ctrl-C stops watching
and lets the job run.`;

/** `telltale submit <kind>` */
export function submitCommand() {
  const command = new Command("submit")
    .description("submit a job; with --wait, watch it until it ends")
    .argument("<kind>", "job kind")
    .option("-i, --input <json>", "input as JSON")
    .option("-f, --file <path>", "read the input from a JSON file; - is stdin")
    .option("--superjson", "the input is superjson ({json, meta}), which can hold dates")
    .option("-w, --wait", "watch the job until it ends");
  for (const option of submitFlags()) command.addOption(option);
  command
    .addOption(patienceOption())
    .addHelpText("after", EXAMPLES)
    .action((kind, { input, file, superjson, wait, patience, ...flags }) =>
      runCommand(command, async (context) => {
        const client = context.connection.kind(kind);
        const value = await readInput({ input, file, superjson });
        const job = await client.submit(value, readSubmitFlags(flags));
        if (kindOfJobId(job.id) !== kind) throw notOurs();
        if (context.json)
          context.screen.line(jsonLine({ id: job.id, kind, status: job.statusAtSubmit, token: job.token }));
        else if (!wait || context.screen.isTerminal) context.screen.line(job.id);
        return wait ? watchJob(context, job, { patienceMs: patience, asks: true }) : EXIT.done;
      }),
    );
  return command;
}
