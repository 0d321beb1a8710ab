import { Command } from "@commander-js/extra-typings";
import type { CancelOutcome } from "../../core/index.js";
import { EXIT } from "../exit-code.js";
import { jsonLine } from "../output/json-line.js";
import { runCommand } from "../run-command.js";

const EXAMPLES = `
Examples:
  telltale cancel judge_0199e0a1…
  telltale cancel judge_0199e0a1… && telltale watch judge_0199e0a1…

A running job is asked to stop; use watch to see when it has. If the job had
already finished, nothing changes and the exit code is 1.`;

const SAID = {
  cancelled: "cancelled",
  requested: "is running and was asked to stop",
  already_finished: "had already finished",
} as const satisfies Record<CancelOutcome, string>;

/** `telltale cancel <id>` */
export function cancelCommand() {
  const command = new Command("cancel")
    .description("cancel a job; a running job is asked to stop")
    .argument("<id>", "job id")
    .addHelpText("after", EXAMPLES);
  command.action((id) =>
    runCommand(command, async ({ connection, screen, json }) => {
      const outcome = await connection.job(id).cancel();
      screen.line(json ? jsonLine({ id, outcome }) : `${id} ${SAID[outcome]}`);
      return outcome === "already_finished" ? EXIT.failed : EXIT.done;
    }),
  );
  return command;
}
