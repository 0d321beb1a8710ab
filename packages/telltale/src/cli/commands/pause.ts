import { Command } from "@commander-js/extra-typings";
import { changeQueue } from "../change-queue.js";

const EXAMPLES = `
Examples:
  telltale pause judge
  telltale queues

Jobs are taken in as before and wait, until telltale resume. For operators: see
telltale token --help.`;

/** `telltale pause <queue>` */
export function pauseCommand() {
  const command = new Command("pause")
    .description("hand out no more jobs of a queue; what runs goes on")
    .argument("<queue>", "its name")
    .addHelpText("after", EXAMPLES);
  command.action((queue) => changeQueue(command, "pause", queue));
  return command;
}
