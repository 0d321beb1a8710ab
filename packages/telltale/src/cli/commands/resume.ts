import { Command } from "@commander-js/extra-typings";
import { changeQueue } from "../change-queue.js";

const EXAMPLES = `
Example:
  telltale resume judge

Operators only: see telltale token --help.`;

/** `telltale resume <queue>` */
export function resumeCommand() {
  const command = new Command("resume")
    .description("start the jobs of a paused queue again")
    .argument("<queue>", "queue name")
    .addHelpText("after", EXAMPLES);
  command.action((queue) => changeQueue(command, "resume", queue));
  return command;
}
