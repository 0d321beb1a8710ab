import { Command } from "@commander-js/extra-typings";
import { changeQueue } from "../change-queue.js";

const EXAMPLES = `
Examples:
  telltale pause judge
  telltale queues

New jobs are still accepted and wait until you run telltale resume.
Operators only: see telltale token --help.`;

/** `telltale pause <queue>` */
export function pauseCommand() {
  const command = new Command("pause")
    .description("stop starting jobs of a queue; running jobs continue")
    .argument("<queue>", "queue name")
    .addHelpText("after", EXAMPLES);
  command.action((queue) => changeQueue(command, "pause", queue));
  return command;
}
