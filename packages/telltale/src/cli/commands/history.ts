import { Command, Option } from "@commander-js/extra-typings";
import { HISTORY_STEPS } from "../../core/index.js";
import { EXIT } from "../exit-code.js";
import { duration } from "../option-parsers.js";
import { historyLines } from "../output/history-lines.js";
import { jsonLine } from "../output/json-line.js";
import { runCommand } from "../run-command.js";
import { readHistory } from "../server/answers.js";
import { OPERATORS_ONLY } from "./operators-only.js";

const EXAMPLES = `
Examples:
  telltale history judge --since 6h
  telltale history judge --kind judge --since 7d
  telltale history judge --since 1h --json | jq 'select(.failed > 0) | [.at, .failed]'

Minutes are kept for 6 hours, and hours for 30 days. Percentiles are estimates.
With --json, prints one line for each minute or hour.

${OPERATORS_ONLY}`;

const HOUR_MS = 3_600_000;

/** `telltale history` */
export function historyCommand() {
  const command = new Command("history")
    .description("show what happened in a queue, and how long its jobs waited and ran")
    .argument("<queue>", "name of the queue")
    .option("--kind <kind>", "only jobs of this kind")
    .addOption(new Option("--since <duration>", "how long ago to begin").argParser(duration).default(HOUR_MS, "1h"))
    .addOption(
      new Option("--step <step>", "length of a step (default: minute, or hour for more than 6h)").choices(
        HISTORY_STEPS,
      ),
    )
    .addHelpText("after", EXAMPLES);
  command.action((queue, { kind, since, step }) =>
    runCommand(command, async ({ connection, screen, json }) => {
      const asked = { queue, since, ...(kind === undefined ? {} : { kind }), ...(step === undefined ? {} : { step }) };
      const history = readHistory(await connection.query("queues.history", asked));
      if (json) {
        for (const bucket of history.buckets) {
          screen.line(jsonLine({ queue: history.queue, kind: history.kind, step: history.step, ...bucket }));
        }
      } else for (const line of historyLines(history, screen)) screen.line(line);
      return EXIT.done;
    }),
  );
  return command;
}
