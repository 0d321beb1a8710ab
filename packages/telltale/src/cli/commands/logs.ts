import { Command, Option } from "@commander-js/extra-typings";
import { kindOfJobId, LOG_LEVELS, TelltaleError } from "../../core/index.js";
import { EXIT } from "../exit-code.js";
import { onInterrupt } from "../interrupts.js";
import { jsonLine } from "../output/json-line.js";
import { LogText } from "../output/log-text.js";
import { runCommand } from "../run-command.js";
import { logLines } from "../server/log-lines.js";
import { patienceOption } from "./patience-option.js";

const EXAMPLES = `
Examples:
  telltale logs judge_0199e0a1…
  telltale logs judge_0199e0a1… --follow --level warn
  telltale logs judge_0199e0a1… --json | jq -r .message

Shows what the job's handler logged. A job keeps its latest 1,000 lines. Needs an
operator's token, or the owner's if the contract says logs: "owner". With --follow,
the exit code is 0 however the job ends. Ctrl-C stops following and lets the job run.`;

/** `telltale logs <id>` */
export function logsCommand() {
  const command = new Command("logs")
    .description("show what a job's handler logged")
    .argument("<id>", "job id")
    .option("--follow", "wait for further lines until the job ends")
    .addOption(new Option("--level <level>", "only lines of this level and above").choices(LOG_LEVELS).default("debug"))
    .addOption(patienceOption())
    .addHelpText("after", EXAMPLES);
  command.action((id, { follow = false, level, patience }) =>
    runCommand(command, async ({ connection, screen, json, note }) => {
      if (kindOfJobId(id) === null) throw new TelltaleError("invalid_input", `${JSON.stringify(id)} is not a job id`);
      await using interrupts = onInterrupt(null);
      const { signal } = interrupts;
      const lowest = LOG_LEVELS.indexOf(level);
      const text = new LogText(screen);
      let isEmpty = true;
      for await (const line of logLines(connection, id, { follow, signal, patienceMs: patience })) {
        isEmpty = false;
        const isShown = LOG_LEVELS.indexOf(line.level) >= lowest;
        if (json && isShown) screen.line(jsonLine(line));
        if (!json) for (const shown of text.of(line, isShown)) screen.line(shown);
      }
      if (signal.aborted) return EXIT.interrupted;
      if (isEmpty) note("The job has logged nothing.");
      return EXIT.done;
    }),
  );
  return command;
}
