import { Command } from "@commander-js/extra-typings";
import { changeQueue } from "../change-queue.js";

const EXAMPLES = `
Example:
  telltale resume judge

For operators: see telltale token --help.`;

/** `telltale resume <queue>` */
export function resumeCommand() {
  const command = new Command("resume")
    .description("hand out the jobs of a paused queue again")
    .argument("<queue>", "its name")
    .addHelpText("after", EXAMPLES);
  command.action((queue) => changeQueue(command, "resume", queue));
  return command;
}
