import { Command } from "@commander-js/extra-typings";
import { EXIT } from "../exit-code.js";
import { jsonLine } from "../output/json-line.js";
import { printableLine } from "../output/printable.js";
import { type Options, runCommand } from "../run-command.js";
import { readQueuePaused } from "../server/answers.js";
import { OPERATORS_ONLY } from "./operators-only.js";

const PAUSE_EXAMPLES = `
Examples:
  telltale pause judge
  telltale queues

New jobs are still accepted and wait until you run telltale resume.
${OPERATORS_ONLY}`;

const RESUME_EXAMPLES = `
Example:
  telltale resume judge

${OPERATORS_ONLY}`;

/** `telltale pause <queue>` */
export function pauseCommand() {
  const command = new Command("pause")
    .description("stop starting jobs of a queue; running jobs continue")
    .argument("<queue>", "queue name")
    .addHelpText("after", PAUSE_EXAMPLES);
  command.action((queue) => changeQueue(command, "pause", queue));
  return command;
}

/** `telltale resume <queue>` */
export function resumeCommand() {
  const command = new Command("resume")
    .description("start the jobs of a paused queue again")
    .argument("<queue>", "queue name")
    .addHelpText("after", RESUME_EXAMPLES);
  command.action((queue) => changeQueue(command, "resume", queue));
  return command;
}

function changeQueue(command: Options, verb: "pause" | "resume", queue: string): Promise<void> {
  return runCommand(command, async ({ connection, screen, json }) => {
    const answer = readQueuePaused(await connection.mutate(`queues.${verb}`, { queue }));
    const said = `${printableLine(answer.queue)} ${answer.paused ? "paused" : "resumed"}`;
    screen.line(json ? jsonLine(answer) : said);
    return EXIT.done;
  });
}
