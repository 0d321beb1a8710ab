import { Command } from "@commander-js/extra-typings";
import { LIMITS } from "../../core/index.js";
import { EXIT } from "../exit-code.js";
import { describeError } from "../output/describe-event.js";
import { jsonLine } from "../output/json-line.js";
import { printableLine } from "../output/printable.js";
import { runCommand } from "../run-command.js";
import { type Rerun, readReruns } from "../server/answers.js";
import { OPERATORS_ONLY } from "./operators-only.js";

const EXAMPLES = `
Examples:
  telltale rerun judge_0199e0a1…
  telltale list --status failed --code worker_lost --all --json |
    jq -r .id | xargs -r telltale rerun

The exit code is 1 if any of the jobs could not be run again; its line says why.
${OPERATORS_ONLY}`;

/** `telltale rerun <id...>` */
export function rerunCommand() {
  const command = new Command("rerun")
    .description("run finished jobs again")
    .argument("<id...>", "job ids")
    .addHelpText("after", EXAMPLES);
  command.action((ids) =>
    runCommand(command, async ({ connection, screen, json }) => {
      // Checked first: a misspelled id must not stop the command after the earlier batches have run.
      for (const id of ids) connection.job(id);
      let refused = 0;
      for (let from = 0; from < ids.length; from += LIMITS.batch) {
        const batch = ids.slice(from, from + LIMITS.batch);
        for (const one of readReruns(await connection.mutate("rerun", { ids: batch }))) {
          if ("error" in one) refused++;
          screen.line(json ? jsonLine(one) : printableLine(`${one.id} ${outcome(one)}`));
        }
      }
      return refused === 0 ? EXIT.done : EXIT.failed;
    }),
  );
  return command;
}

function outcome(one: Rerun): string {
  return "error" in one ? describeError(one.error) : one.status;
}
